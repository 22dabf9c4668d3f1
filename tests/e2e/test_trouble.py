"""When the store cannot take a message the client keeps it, and all is well again by itself."""
import resource
import sqlite3

import pytest

from program import until

LARGE = b"Subject: large\r\n\r\n" + b"0123456789abcde\r\n" * 60_000  # more than memory spools
SMALL = b"Subject: small\r\n\r\n" + b"x" * 10_000 + b"\r\n"


def refused(session, raw):
    session.begin()
    reply = session.finish(raw)
    return reply.code in (451, 452) and reply.text.startswith("4.3.")


@pytest.mark.parametrize("raw", [SMALL, LARGE], ids=["small", "large"])
def test_no_room_on_disk(start, raw):
    """As far as one process can play it: its files may not grow."""
    server = start()
    server.expect_error("level=error")
    pid, (soft, hard) = server.process.pid, resource.getrlimit(resource.RLIMIT_FSIZE)
    with server.session() as session:
        first = session.deliver(raw)
        resource.prlimit(pid, resource.RLIMIT_FSIZE, (4096, hard))
        assert until(lambda: refused(session, raw))
        assert server.rest.raw(first) == raw
        assert server.rest.get("/healthz").status == 200
        resource.prlimit(pid, resource.RLIMIT_FSIZE, (soft, hard))
        second = session.deliver(raw)
    total = server.rest.messages()["total"]
    assert server.rest.raw(second) == raw
    assert [m["id"] for m in server.rest.messages()["items"]][0] == second
    server.stop()
    assert start().rest.messages()["total"] == total


def test_database_locked_by_somebody(start):
    server = start()
    server.expect_error("level=error")
    db = sqlite3.connect(server.db, isolation_level=None)
    with server.session() as session:
        db.execute("BEGIN IMMEDIATE")
        assert refused(session, SMALL)
        assert server.rest.messages()["total"] == 0
        db.execute("ROLLBACK")
        message_id = session.deliver(SMALL)
    db.close()
    assert server.rest.raw(message_id) == SMALL
