"""Clients that would bring others down: each costs a bounded amount, is answered and recorded, and
everyone else is served meanwhile."""
import base64
import os
import resource
import selectors
import socket

import pytest

from program import until
from test_inboxes import make
from test_sessions import ended, session_of
from wire import Session


# What memory may grow by, the sanitizer's share of it included.
ROOM = (256 if os.environ.get("SANITIZE") == "thread" else 64) << 20


def resident(server):
    """In bytes."""
    with open(f"/proc/{server.process.pid}/statm") as statm:
        return int(statm.read().split()[1]) * resource.getpagesize()


def peak(server):
    with open(f"/proc/{server.process.pid}/status") as status:
        [line] = [line for line in status if line.startswith("VmHWM:")]
    return int(line.split()[1]) * 1024


def is_served(server):
    return server.deliver(b"Subject: everyone else\r\n\r\n") > 0


def pour(session, block, size):
    """Sends so much without reading, as long as the server takes it."""
    sent = 0
    try:
        while sent < size:
            session.send(block)
            sent += len(block)
    except (BrokenPipeError, ConnectionResetError):
        pass
    return sent


@pytest.mark.parametrize("where", ["command", "data", "chunk"])
def test_a_line_without_end(start, where):
    """256 MB without CRLF: memory does not grow with it."""
    server = start("--max-message-size", "10M")
    assert is_served(server)
    before, block = peak(server), b"x" * (1 << 20)
    with server.session() as session:
        if where == "data":
            session.begin()
        if where == "chunk":
            session.send("MAIL FROM:<a@b.test>\r\nRCPT TO:<c@d.test>\r\nBDAT 268435456 LAST\r\n")
            assert session.replies(2) == [250, 250]
        pour(session, block, 256 << 20)
        assert is_served(server)
        assert peak(server) - before < ROOM
        session.send({"command": b"\r\n", "data": b"\r\n.\r\n", "chunk": b""}[where])
        assert session.reply().code == {"command": 500, "data": 552, "chunk": 552}[where]
        assert session.command("NOOP").code == 250


def test_ten_thousand_connections(start):
    """As many as the machine lets one process have; one more is told to come back."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    count = min(10_000, hard - 500)
    assert count >= 1000, "too few open files are allowed to try it"
    server = start("--max-connections", count, "--max-connections-per-ip", count)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    sockets = []
    try:
        with selectors.DefaultSelector() as waiting:
            for _ in range(count):
                sockets.append(socket.create_connection(server.smtp, 30))
                waiting.register(sockets[-1], selectors.EVENT_READ)
            greeted = 0
            while greeted < count:
                ready = waiting.select(30)
                assert ready, f"{greeted} of {count} were greeted"
                for key, _ in ready:
                    assert key.fileobj.recv(200).startswith(b"220 ")
                    waiting.unregister(key.fileobj)
                    greeted += 1
        with Session(server.smtp) as one_more:
            assert one_more.greeting.code == 421
        sockets.pop().close()
        until(lambda: _greeted(server))
        sockets[0].sendall(b"EHLO client.test\r\n")
        assert sockets[0].recv(1000).startswith(b"250")
    finally:
        for each in sockets:
            each.close()
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    until(lambda: is_served(server))


def _greeted(server):
    with Session(server.smtp) as session:
        return session.greeting.code == 220


def test_replies_nobody_reads(start):
    """A client that only sends is not read any more, instead of its replies being kept."""
    server = start()
    assert is_served(server)
    before = peak(server)
    with server.session() as session:
        session.socket.settimeout(1)
        block, sent = b"HELP\r\n" * 10_000, 0
        with pytest.raises(TimeoutError):
            while sent < 256 << 20:
                session.send(block)
                sent += len(block)
        assert is_served(server)
        assert peak(server) - before < ROOM


def test_many_that_do_not_finish(start):
    """Two hundred messages begun and never ended do not keep one from being stored."""
    server = start("--max-spool", "100M")
    sessions = [server.session() for _ in range(200)]
    try:
        for session in sessions:
            session.begin()
            session.send(b"Subject: half\r\n\r\n" + b"x" * 100_000)
        assert is_served(server)
    finally:
        for session in sessions:
            session.close()
    assert server.rest.messages()["total"] == 1


def test_a_thousand_logins(start):
    """Guesses are refused, each later than the one before, and keep nobody else from logging in."""
    server = start()
    inbox, count = make(server), 500
    assert is_served(server)
    before = peak(server)
    right, *wrong = (base64.b64encode(f"\0{inbox['name']}\0{password}".encode()).decode()
                     for password in (inbox["smtp"]["password"], "guess", "another"))
    sessions = [server.session() for _ in range(count)]
    try:
        for session in sessions:
            session.send("".join(f"AUTH PLAIN {guess}\r\n" for guess in wrong))
        with server.session() as session:
            assert session.command(f"AUTH PLAIN {right}").code == 235
            session.deliver(b"Subject: mine\r\n\r\n")
        for session in sessions:
            assert session.replies(2) == [535, 535]
        assert peak(server) - before < ROOM
    finally:
        for session in sessions:
            session.close()
    [message] = server.rest.get(f"/api/v1/inboxes/{inbox['id']}/messages").json()["items"]
    assert message["subject"] == "mine"
    until(lambda: server.rest.get("/api/v1/sessions", outcome="dropped").json()["total"] == count + 2)


def test_commands_without_end(server):
    """As many as --max-recipients may need, and 100,000 besides."""
    with server.session() as session:
        for _ in range(100):
            session.send("NOOP\r\n" * 1000)
            assert session.replies(1000) == [250] * 1000
        session.send("NOOP\r\n" * 999)
        assert session.replies(999) == [250] * 999
        reply = session.command("NOOP")
        assert reply.code == 421 and "Too many commands without a message" in reply.text
        assert session.is_closed()
    assert is_served(server)


@pytest.mark.parametrize("before, line, code, goes_on", [
    (0, b"EHLO client\0.test", 500, True),
    (0, b"HELO \x1b[31mclient.test", 500, True),
    (1, b"MAIL FROM:<a\r@b.test>", 500, True),
    (1, b"MAIL FROM:<a@b.test\x7f>", 500, True),
    (2, b"RCPT TO:<c@d.test\nBcc: e@f.test>", 501, True),
    (2, b"RCPT TO:<\x01@d.test>", 500, True),
    (3, b"BDAT -1 LAST", 501, False),
    (3, b"BDAT 99999999999999999999 LAST", 501, False),
    (3, b"BDAT 0x10 LAST", 501, False),
])
def test_what_cannot_be_said(start, before, line, code, goes_on):
    """It is refused by the book and told in the transcript, which stays text."""
    server = start()
    with server.session(hello=False) as session:
        for command in ("EHLO client.test", "MAIL FROM:<a@b.test>", "RCPT TO:<c@d.test>")[:before]:
            assert session.command(command).code == 250
        assert session.command(line).code == code
        if goes_on:
            session.command("QUIT")
        assert is_served(server)
    told = session_of(server, ended(server, outcome="quit" if goes_on else "refused")["id"])
    shown = [e["text"] for e in told["entries"] if e["from"] == "client"]
    assert any(text.startswith(line[:4].decode()) for text in shown[before:]), shown
    assert server.rest.messages()["total"] == 1
