"""What a client does wrong is answered with the RFC's code, an enhanced code and a sentence, and the
session goes on."""
import re

import pytest

from wire import stored_id

ENHANCED = re.compile(r"([245])\.\d{1,3}\.\d{1,3} \S.*")


def refused(reply, code):
    assert reply.code == code, reply
    for line in reply.lines:
        match = ENHANCED.fullmatch(line)
        assert match and match[1] == str(code)[0], reply


@pytest.mark.parametrize("line, code", [
    ("BREW coffee", 500),
    ("", 500),
    ("STARTTLS", 502),
    ("AUTH FROB", 504),
    ("EHLO", 501),
    ("MAIL FROM:a@b.test", 501),
    ("MAIL FROM:<a@b.test> COLOUR=blue", 555),
    ("RCPT TO:<a@b.test>", 503),
    ("DATA", 503),
    (b"MAIL FROM:<a\0b@c.test>", 500),
    (b"MAIL FROM:<a\rb@c.test>", 500),
])
def test_refused_in_step(server, line, code):
    """tests/transcripts says it in full; here it is that the session goes on as if nothing were."""
    with server.session() as session:
        refused(session.command(line), code)
        assert session.deliver(b"Subject: afterwards\r\n\r\n")


def test_quit(server):
    with server.session() as session:
        assert session.command("QUIT").code == 221
        assert session.is_closed()


def test_what_is_offered(server):
    with server.session(hello=False) as session:
        assert session.greeting.code == 220
        reply = session.command("EHLO client.test")
    offers = {line.split()[0] for line in reply.lines[1:]}
    assert offers == {"PIPELINING", "SIZE", "8BITMIME", "ENHANCEDSTATUSCODES", "SMTPUTF8", "DSN",
                      "CHUNKING", "BINARYMIME", "LIMITS", "AUTH", "HELP"}
    assert "AUTH PLAIN LOGIN CRAM-MD5" in reply.lines
    assert f"SIZE {50 * 1024 * 1024}" in reply.lines


def test_what_is_hidden(start):
    server = start("--hide-extension", "size", "--hide-extension", "CHUNKING")
    with server.session(hello=False) as session:
        reply = session.command("EHLO client.test")
        offers = {line.split()[0] for line in reply.lines[1:]}
        assert not offers & {"SIZE", "CHUNKING", "BINARYMIME"}
        assert "PIPELINING" in offers
        assert session.command("MAIL FROM:<a@b.test> SIZE=1").code == 555
        assert session.command("BDAT 0 LAST").code == 502


@pytest.mark.parametrize("length", [20_000, 2_000_000])
def test_too_long_a_line_is_one_error(server, length):
    with server.session() as session:
        refused(session.command("NOOP " + "x" * length), 500)
        assert session.deliver(b"Subject: afterwards\r\n\r\n")


def test_pipelining(server):
    """RFC 2920: a whole session in one write, answered in order."""
    with server.session(hello=False) as session:
        session.send(b"EHLO client.test\r\nMAIL FROM:<a@b.test>\r\nRCPT TO:<b@c.test>\r\n"
                     b"BREW\r\nRCPT TO:<c@d.test>\r\nDATA\r\nSubject: x\r\n\r\n..\r\n.\r\n"
                     b"MAIL FROM:<>\r\nRCPT TO:<b@c.test>\r\nDATA\r\n.\r\nQUIT\r\n")
        assert session.replies(12) == [250, 250, 250, 500, 250, 354, 250, 250, 250, 354, 250, 221]
        assert session.is_closed()


def test_pipelining_of_many_commands(server):
    """More replies than fit into any buffer; the client reads while it writes."""
    with server.session() as session:
        for _ in range(20):
            session.send(b"NOOP\r\n" * 1000)
            assert session.replies(1000) == [250] * 1000


def test_too_big(start):
    server = start("--max-message-size", "10k")
    with server.session(hello=False) as session:
        assert "SIZE 10240" in session.command("EHLO client.test").lines
        refused(session.command("MAIL FROM:<a@b.test> SIZE=10241"), 552)
        session.begin()
        refused(session.finish(b"x" * 100 + b"\r\n" + b"y" * 10_200 + b"\r\n"), 552)
        session.begin()
        refused(session.finish(b"QUIT\r\n" * 100_000), 552)
        raw = b"z" * (10_240 - 2) + b"\r\n"
        assert server.rest.raw(session.deliver(raw)) == raw
    assert server.rest.messages()["total"] == 1


def test_too_many_recipients(start):
    server = start("--max-recipients", "3")
    with server.session() as session:
        assert session.command("MAIL FROM:<a@b.test>").code == 250
        for n in range(3):
            assert session.command(f"RCPT TO:<{n}@b.test>").code == 250
        refused(session.command("RCPT TO:<3@b.test>"), 452)
        assert session.command("DATA").code == 354
        message_id = stored_id(session.finish(b"Subject: x\r\n"))
    assert len(server.rest.message(message_id)["envelope"]["to"]) == 3


def test_errors_without_end(server):
    """Somebody who only makes mistakes is shown the door."""
    with server.session() as session:
        session.send("BREW\r\n" * 1000)
        while (reply := session.reply()).code == 500:
            pass
        refused(reply, 421)
        assert session.is_closed()
