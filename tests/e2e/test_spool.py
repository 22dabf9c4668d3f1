"""--max-spool: what all messages that are arriving may hold together, in memory and in files."""
import contextlib
import signal
import sqlite3

import pytest

from program import run, until
from wire import Session, stored_id

PIECE = b"0123456789abcde\r\n" * 20_000  # 340,000 octets: more than memory takes of a message
SMALL = b"Subject: small\r\n\r\nbody\r\n"
LIMITS = ("--max-message-size", "500k", "--max-spool", "1000k")  # three pieces fit, no fourth


def spooled(server):
    return server.rest.get("/api/v1/info").json()["spool_bytes"]


def is_spooled(server, size):
    return until(lambda: spooled(server) == size)


def arriving(server):
    """A session that has sent a piece of a message, which the server has."""
    session, before = server.session(), spooled(server)
    session.begin()
    session.send(PIECE)
    assert is_spooled(server, before + len(PIECE))
    return session


def send(session, raw):
    session.begin()
    return session.finish(raw)


def check_full(reply):
    assert reply.code == 452 and reply.text.startswith("4.3.1 "), reply


def complaints(server):
    return [line for line in server.log().splitlines() if "too much mail is arriving" in line]


@pytest.fixture
def server(start):
    return start(*LIMITS)


@pytest.fixture
def full(server):
    """The server, and three sessions that leave no room for a fourth piece."""
    return server, [arriving(server) for _ in range(3)]


def test_info_tells_the_limit(server):
    assert server.rest.get("/api/v1/info").json()["limits"]["max_spool"] == 1000 * 1024
    assert spooled(server) == 0


def test_one_too_many(full):
    server, sessions = full
    with server.session() as fourth:
        check_full(send(fourth, PIECE))
        assert spooled(server) == 3 * len(PIECE), "what was refused still holds room"
        assert stored_id(send(fourth, SMALL))
    for session in sessions:
        with session:
            message_id = stored_id(session.finish(SMALL))
            assert server.rest.raw(message_id) == PIECE + SMALL
    assert is_spooled(server, 0)
    server.deliver(PIECE)


def test_said_once(full):
    server, sessions = full
    with server.session() as fourth:
        for _ in range(5):
            check_full(send(fourth, PIECE))
    [line] = complaints(server)
    assert "level=warn" in line and "--max-spool" in line
    for session in sessions:
        session.close()


def test_told_before_it_is_sent(full):
    """RFC 1870: SIZE= says what will not fit."""
    server, sessions = full
    with server.session() as fourth:
        check_full(fourth.command(f"MAIL FROM:<a@b.test> SIZE={len(PIECE)}"))
        assert fourth.command(f"MAIL FROM:<a@b.test> SIZE={len(SMALL)}").code == 250
        sessions[0].close()
        assert is_spooled(server, 2 * len(PIECE))
        fourth.command("RSET")
        assert fourth.command(f"MAIL FROM:<a@b.test> SIZE={len(PIECE)}").code == 250
    for session in sessions[1:]:
        session.close()


def too_large(session):
    assert session.finish(PIECE).code == 552


@pytest.mark.parametrize("end", [Session.close, too_large], ids=["dropped", "refused"])
def test_room_is_given_back(server, end):
    with arriving(server) as session:
        end(session)
        assert is_spooled(server, 0)


def test_room_is_given_back_in_time(start):
    """Whether anybody has looked meanwhile or not."""
    server = start(*LIMITS, "--idle-timeout", "1s")
    with server.session(hello=False) as session:
        session.send(b"EHLO client.test\r\nMAIL FROM:<a@b.test>\r\nRCPT TO:<c@d.test>\r\n"
                     b"BDAT 400000\r\n" + PIECE)
        while session.reply().code != 421:
            pass
        assert is_spooled(server, 0)


def test_what_cannot_be_stored_gives_room_back(server):
    server.expect_error("level=error")
    with contextlib.closing(sqlite3.connect(server.db, isolation_level=None)) as db:
        db.execute("DROP TABLE chunk")
    with server.session() as session:
        assert send(session, SMALL).code == 451
    assert is_spooled(server, 0)


def test_stops_with_messages_on_their_way(full):
    server, sessions = full
    server.send_signal(signal.SIGTERM)
    for session in sessions:
        with session:
            assert session.reply().code == 421
    assert server.wait() == 0


def test_a_message_must_fit(tmp_path):
    result = run(tmp_path, "--max-message-size", "2M", "--max-spool", "1M")
    assert result.returncode == 2
    assert "--max-spool" in result.stderr and "--max-message-size" in result.stderr
