"""The raw message is what the client sent: nothing added, nothing changed."""
import random

import pytest

from wire import stored_id

RANDOM = random.Random(7)


def noise(size):
    """Octets of any value; the only CRLF is at the end."""
    return RANDOM.randbytes(size).replace(b"\r\n", b"--") + b"\r\n"


HEADER = b"From: a@b.test\r\nSubject: odd\r\n\r\n"
ODD = {
    "empty": b"",
    "one-empty-line": b"\r\n",
    "header-only": b"Subject: x\r\n",
    "no-header": b"just text\r\n",
    "header-never-ends": b"A: b\r\n" * 500,
    "bare-lf": HEADER + b"one\ntwo\n\nthree\r\n",
    "bare-lf-in-header": b"From: a@b.test\nSubject: x\n\nbody\r\n",
    "bare-cr": HEADER + b"one\rtwo\r\rthree\r\n",
    "cr-runs": HEADER + b"\r\r\r\r\n\r\r\n\n\r\n\r\r\r\n",
    "cr-then-dot": HEADER + b"\r.\r\n\r.\r\r\n",
    "lf-dot-lf": HEADER + b"smuggled\n.\nMAIL FROM:<evil@b.test>\r\n",
    "lf-dot-crlf": HEADER + b"smuggled\n.\r\nMAIL FROM:<evil@b.test>\r\n",
    "cr-dot-cr": HEADER + b"smuggled\r.\rMAIL FROM:<evil@b.test>\r\n",
    "crlf-dot-lf": HEADER + b"\r\n.\nMAIL FROM:<evil@b.test>\r\n",
    "crlf-dot-cr": HEADER + b"\r\n.\rMAIL FROM:<evil@b.test>\r\n",
    "dot-lines": HEADER + b".\r\n..\r\n...\r\n.text\r\n. \r\n.\t\r\n",
    "dot-first": b".\r\n",
    "dots-first": b"..\r\n.\r\n",
    "nul": HEADER + b"a\0b\0\0\r\n\0\r\n",
    "nul-in-header": b"Sub\0ject: a\0b\r\n\r\nbody\r\n",
    "eight-bit": HEADER + bytes(range(0x80, 0x100)) + b"\r\n",
    "all-octets": HEADER + bytes(range(256)) + b"\r\n",
    "bad-utf-8": b"Subject: \xff\xfe\xc0\xaf\r\n\r\n\xed\xa0\x80\r\n",
    "line-of-998": HEADER + b"x" * 998 + b"\r\n",
    "line-of-999": HEADER + b"x" * 999 + b"\r\n",
    "line-of-100000": HEADER + b"x" * 100_000 + b"\r\n",
    "header-line-of-100000": b"X-Long: " + b"x" * 100_000 + b"\r\n\r\n",
    "ten-thousand-fields": b"A: b\r\n" * 10_000 + b"\r\n",
    "unclosed-multipart": b'Content-Type: multipart/mixed; boundary="b"\r\n\r\n--b\r\n\r\ntext\r\n',
    "multipart-in-itself": b"".join(
        b'Content-Type: multipart/mixed; boundary="b%d"\r\n\r\n--b%d\r\n' % (n, n)
        for n in range(200)) + b"\r\n",
    "bad-base64": b"Content-Transfer-Encoding: base64\r\n\r\n!!!=not=base64\r\n",
    "unknown-charset": b"Content-Type: text/plain; charset=x-klingon\r\n\r\n\xaa\xbb\r\n",
    "noise-1-MiB": noise(1024 * 1024),
    "noise-5-MiB": noise(5 * 1024 * 1024),
    "text-of-256-KiB": HEADER + b"0123456789abcdef0123456789ABC\r\n" * 8456,
}


def chunks(raw, size):
    """BDAT commands that carry `raw`, the last one without an octet."""
    pieces = [raw[at:at + size] for at in range(0, len(raw), size)]
    return b"".join(b"BDAT %d\r\n%b" % (len(p), p) for p in pieces) + b"BDAT 0 LAST\r\n"


@pytest.mark.parametrize("size", [1, 999, 65536, 4 << 20])
def test_chunks_come_back_as_sent(server, size):
    """Octets of any value, pipelined (RFC 3030)."""
    raw = HEADER + RANDOM.randbytes(min(3 * size + 1, 3 << 20)) + b"\r\n.\r\nQUIT\r\n"
    with server.session() as session:
        session.send("MAIL FROM:<a@b.test> BODY=BINARYMIME\r\nRCPT TO:<c@d.test>\r\n")
        session.send(chunks(raw, size))
        count = 2 + -(-len(raw) // size)
        assert session.replies(count) == [250] * count
        message_id = stored_id(session.reply())
        assert session.command("NOOP").code == 250
    assert server.rest.raw(message_id) == raw
    assert server.rest.message(message_id)["envelope"]["body"] == "BINARYMIME"


@pytest.mark.parametrize("name", ODD)
def test_odd_message_comes_back_as_sent(server, name):
    message_id = server.deliver(ODD[name])
    assert server.rest.raw(message_id) == ODD[name]
    assert server.rest.message(message_id)["size"] == len(ODD[name])
    for view in ("headers", "parts"):
        assert server.rest.get(f"/api/v1/messages/{message_id}/{view}").status == 200
    for view in ("text", "html"):
        assert server.rest.get(f"/api/v1/messages/{message_id}/{view}").status in (200, 404)


def test_octet_by_octet(server):
    """How the octets are cut into packets does not matter."""
    raw = HEADER + b".\r\n\r\r\n.\rx\r\n\n.\n\r\n..\r\n"
    with server.session() as session:
        session.begin()
        for octet in raw.replace(b"\r\n.", b"\r\n..") + b".\r\n":
            session.send(bytes([octet]))
        message_id = stored_id(session.reply())
    assert server.rest.raw(message_id) == raw


def test_commands_behind_the_message_are_commands(server):
    with server.session() as session:
        session.begin()
        session.send(b"Subject: x\r\n\r\n\r\n.\r\nNOOP\r\nRSET\r\n")
        assert session.replies(3) == [250, 250, 250]


SMUGGLED = b"MAIL FROM:<evil@b.test>\r\nRCPT TO:<victim@b.test>\r\nDATA\r\nSubject: evil\r\n"


@pytest.mark.parametrize("end, warning", [
    (b"\n.\n", "bare-lf"), (b"\n.\r\n", "bare-lf"), (b"\r\n.\n", "bare-lf"), (b"\n\n.\r\n", "bare-lf"),
    (b"\r.\r", "bare-cr"), (b"\r.\r\n", "bare-cr"), (b"\r\n.\r", "bare-cr"), (b"\r\r\n.\r", "bare-cr"),
    (b"\r.\n", "bare-lf"), (b"\n.\r", "bare-cr"), (b"\r\n\0.\r\n", "nul")])
def test_a_smuggled_message_is_not_a_message(server, end, warning):
    """RFC 5321 section 4.1.1.4: only CRLF.CRLF ends the data."""
    before = server.rest.messages()["total"]
    raw = HEADER + b"text" + end + SMUGGLED
    message_id = server.deliver(raw)
    assert server.rest.messages()["total"] == before + 1
    assert server.rest.raw(message_id) == raw.replace(b"\r\n..", b"\r\n.")
    warnings = [w["code"] for w in server.rest.message(message_id)["warnings"]]
    assert warning in warnings, warnings
