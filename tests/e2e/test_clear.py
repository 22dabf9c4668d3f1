"""Emptying inboxes: gone at once for everybody, removed from the file afterwards."""
import base64
import contextlib
import random
import sqlite3

import pytest

from program import until


@contextlib.contextmanager
def shell(server):
    with contextlib.closing(sqlite3.connect(server.db, timeout=30, isolation_level=None)) as db:
        yield db


def number(server, sql):
    with shell(server) as db:
        return db.execute(sql).fetchone()[0]


def execute(server, sql):
    with shell(server) as db:
        db.execute(sql)


@pytest.fixture
def held(start):
    """A server whose 20 messages are cleared and cannot be removed."""
    server = start()
    server.expect_error("held by the test")
    with server.session() as session:
        ids = [session.deliver(b"Subject: %d\r\n\r\n" % n) for n in range(20)]
    execute(server, "CREATE TRIGGER hold BEFORE DELETE ON message BEGIN "
                    "SELECT RAISE(ABORT, 'held by the test'); END")
    assert server.rest.delete("/api/v1/messages", all="true").json() == {"deleted": 20}
    assert number(server, "SELECT count(*) FROM message") == 20
    return server, ids


def assert_empty(server, ids):
    assert server.rest.messages() == {"items": [], "total": 0, "next": None}
    assert server.rest.get("/api/v1/inboxes/default/messages").json()["total"] == 0
    assert server.rest.get("/api/v1/messages/latest").status == 404
    inbox = server.rest.get("/api/v1/inboxes/default").json()
    assert (inbox["message_count"], inbox["unread_count"], inbox["size_bytes"]) == (0, 0, 0)
    info = server.rest.get("/api/v1/info").json()
    assert (info["message_count"], info["size_bytes"]) == (0, 0)
    for view in ("", "/raw", "/text", "/headers", "/parts"):
        assert server.rest.get(f"/api/v1/messages/{ids[3]}{view}").status == 404
    assert server.rest.send_json("PATCH", f"/api/v1/messages/{ids[3]}", {"read": True}).status == 404
    assert server.rest.delete(f"/api/v1/messages/{ids[3]}").status == 404
    assert server.rest.delete("/api/v1/messages", all="true").json() == {"deleted": 0}


def test_gone_at_once(held):
    server, ids = held
    assert_empty(server, ids)
    later = server.deliver(b"Subject: later\r\n\r\n")
    assert [m["id"] for m in server.rest.messages()["items"]] == [later]
    assert server.rest.messages(limit=1)["next"] is None


def test_a_kill_in_the_middle(held, start):
    server, ids = held
    server.kill()
    again = start()
    again.expect_error("held by the test")
    assert_empty(again, ids)
    kept = again.deliver(b"Subject: kept\r\n\r\n")
    again.stop()
    execute(again, "DROP TRIGGER hold")
    again = start()
    assert until(lambda: number(again, "SELECT count(*) FROM message") == 1)
    assert number(again, "SELECT count(*) FROM chunk") == 1
    assert again.rest.raw(kept) == b"Subject: kept\r\n\r\n"
    again.stop()
    assert number(again, "PRAGMA integrity_check") == "ok"


def test_mail_comes_meanwhile(start):
    server = start()
    with server.session() as session, server.rest.events() as events:
        for n in range(300):
            session.deliver(b"Subject: old %d\r\n\r\n" % n)
        assert server.rest.delete("/api/v1/messages", all="true").json() == {"deleted": 300}
        new = [session.deliver(b"Subject: new\r\n\r\n") for _ in range(20)]
        assert events.next("messages.cleared").data == {"inbox_id": None}
        assert [events.next("message.created", "messages.cleared").data["id"] for _ in new] == new
    assert [m["id"] for m in server.rest.messages(after=0)["items"]] == new
    assert until(lambda: number(server, "SELECT count(*) FROM message") == len(new))


def test_space_is_given_back(start):
    server = start()
    with server.session() as session:
        for n in range(4):
            octets = base64.encodebytes(random.Random(n).randbytes(1_000_000))
            session.deliver(b"Subject: large\r\n\r\n" + octets.replace(b"\n", b"\r\n"))
    before = server.rest.get("/api/v1/info").json()["database_bytes"]
    assert server.rest.delete("/api/v1/messages", all="true").json() == {"deleted": 4}
    assert until(lambda: server.rest.get("/api/v1/info").json()["database_bytes"] < before / 4)
