"""What a client does wrong is answered with the RFC's code, an enhanced code and a sentence, and the
session goes on."""
import re

import pytest

ENHANCED = re.compile(r"([245])\.\d{1,3}\.\d{1,3} \S.*")


def refused(reply, code):
    assert reply.code == code, reply
    for line in reply.lines:
        match = ENHANCED.fullmatch(line)
        assert match and match[1] == str(code)[0], reply


@pytest.mark.parametrize("line, code", [
    ("BREW coffee", 500),
    ("", 500),
    ("\x01\x02", 500),
    ("STARTTLS", 502),
    ("AUTH PLAIN AGEAYg==", 502),
    ("BDAT 10 LAST", 502),
    ("EHLO", 501),
    ("HELO", 501),
    ("MAIL", 501),
    ("MAIL FROM", 501),
    ("MAIL FROM:", 501),
    ("MAIL FROM:a@b.test", 501),
    ("MAIL FROM:<a@b.test", 501),
    ("MAIL TO:<a@b.test>", 501),
    ("MAIL FROM:<a@b.test> SIZE=x", 501),
    ("MAIL FROM:<a@b.test> BODY=9BIT", 501),
    ("MAIL FROM:<a@b.test> COLOUR=blue", 555),
    ("RCPT TO:<a@b.test>", 503),
    ("DATA", 503),
    ("VRFY", 501),
    ("RSET now", 501),
    ("QUIT now", 501),
])
def test_refused_in_step(server, line, code):
    with server.session() as session:
        refused(session.command(line), code)
        assert session.deliver(b"Subject: afterwards\r\n\r\n")


@pytest.mark.parametrize("line, code", [("MAIL FROM:<a@b.test>", 503), ("RCPT TO:<a@b.test>", 503),
                                        ("DATA", 503)])
def test_before_hello(server, line, code):
    with server.session(hello=False) as session:
        refused(session.command(line), code)
        assert session.command("EHLO client.test").code == 250


@pytest.mark.parametrize("lines, code", [
    (["MAIL FROM:<c@d.test>"], 503),
    (["DATA"], 503),
    (["RCPT TO:<>"], 501),
    (["RCPT TO:b@c.test"], 501),
    (["RCPT FROM:<b@c.test>"], 501),
    (["RCPT TO:<b@c.test> NOTIFY=NEVER"], 555),
    (["RCPT TO:<b@c.test>", "DATA please"], 501),
    (["RCPT TO:<b@c.test>", "RSET", "DATA"], 503),
    (["RCPT TO:<b@c.test>", "EHLO again.test", "DATA"], 503),
])
def test_within_a_transaction(server, lines, code):
    with server.session() as session:
        assert session.command("MAIL FROM:<a@b.test>").code == 250
        for line in lines[:-1]:
            assert session.command(line).code == 250
        refused(session.command(lines[-1]), code)
        assert session.command("RSET").code == 250
        assert session.deliver(b"Subject: afterwards\r\n\r\n")


@pytest.mark.parametrize("line, code", [("NOOP", 250), ("NOOP with text", 250), ("RSET", 250),
                                        ("HELP", 214), ("VRFY someone", 252), ("noop", 250)])
def test_harmless_commands(server, line, code):
    for hello in (True, False):
        with server.session(hello) as session:
            assert session.command(line).code == code


def test_quit(server):
    with server.session() as session:
        assert session.command("QUIT").code == 221
        assert session.is_closed()


def test_what_is_offered(server):
    with server.session(hello=False) as session:
        assert session.greeting.code == 220
        reply = session.command("EHLO client.test")
    offers = {line.split()[0] for line in reply.lines[1:]}
    assert offers == {"PIPELINING", "SIZE", "8BITMIME", "ENHANCEDSTATUSCODES", "SMTPUTF8"}
    assert f"SIZE {50 * 1024 * 1024}" in reply.lines


@pytest.mark.parametrize("length", [20_000, 2_000_000])
def test_too_long_a_line_is_one_error(server, length):
    with server.session() as session:
        refused(session.command("NOOP " + "x" * length), 500)
        assert session.deliver(b"Subject: afterwards\r\n\r\n")


def test_control_characters_in_addresses(server):
    with server.session() as session:
        for octet in (b"\0", b"\r", b"\x01", b"\x7f"):
            refused(session.command(b"MAIL FROM:<a" + octet + b"b@c.test>"), 501)


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
        message_id = int(session.finish(b"Subject: x\r\n").text.split()[-1])
    assert len(server.rest.message(message_id)["envelope"]["to"]) == 3


def test_errors_without_end(server):
    """Somebody who only makes mistakes is shown the door."""
    with server.session() as session:
        codes = {session.command("BREW").code for _ in range(99)}
        assert codes == {500}
        session.send("BREW\r\n" * 5)
        while (reply := session.reply()).code == 500:
            pass
        refused(reply, 421)
        assert session.is_closed()
