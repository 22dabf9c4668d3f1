"""What is too much goes, the oldest first, and it is said that it did."""
import pytest

from program import until
from test_inboxes import get, make


def plain(subject):
    return b"Subject: %d\r\n\r\nHello\r\n" % subject


def info(server):
    return server.rest.get("/api/v1/info").json()


def test_too_many(start):
    server = start("--max-messages", "10")
    with server.rest.events() as events, server.session() as session:
        ids = [session.deliver(plain(n)) for n in range(15)]
        server.rest.send_json("PATCH", f"/api/v1/messages/{ids[0]}", {"pinned": True})
        ids += [session.deliver(plain(n)) for n in range(15, 40)]
        assert events.next("messages.pruned").data["inbox_id"] == 1
    until(lambda: get(server, "default")["message_count"] == 10)
    left = [m["id"] for m in server.rest.messages(limit=50)["items"]]
    assert left[0] == ids[-1] and len(left) == 10
    assert get(server, "default")["pruned_count"] == info(server)["pruned_count"] == 30
    assert info(server)["limits"]["max_messages"] == 10


def test_too_old(start):
    server = start("--max-age", "1s")
    server.deliver(plain(1))
    until(lambda: info(server)["message_count"] == 0)


def test_limits_of_an_inbox(server, recipient):
    inbox = make(server, recipients=[recipient], limits={"max_messages": 3})
    assert inbox["limits"] == {"max_messages": 3, "max_age_seconds": None, "max_bytes": None}
    with server.session() as session:
        for n in range(10):
            session.deliver(plain(n), to=[recipient])
    until(lambda: get(server, inbox["id"])["message_count"] == 3)
    path = f"/api/v1/inboxes/{inbox['id']}"
    changed = server.rest.send_json("PATCH", path, {"limits": {"max_age_seconds": 1}}).json()
    assert changed["limits"] == {"max_messages": 3, "max_age_seconds": 1, "max_bytes": None}
    until(lambda: get(server, inbox["id"])["message_count"] == 0)
    changed = server.rest.send_json("PATCH", path, {"limits": {"max_messages": None}}).json()
    assert changed["limits"]["max_messages"] is None


def test_who_waits_hears_that_some_are_gone(server, recipient):
    inbox = make(server, recipients=[recipient], limits={"max_messages": 1})
    path = f"/api/v1/inboxes/{inbox['id']}"
    with server.session() as session:
        ids = [session.deliver(plain(n), to=[recipient]) for n in range(3)]
    until(lambda: get(server, inbox["id"])["message_count"] == 1)
    answers = {(answer.status, answer.json()["pruned_count"]) for answer in (
        server.rest.get(path + "/wait", count=1, timeout=0),
        server.rest.get(path + "/wait", count=3, timeout=0),
        *(server.rest.send_json("POST", path + "/expect",
                                {"match": {}, "count": count, "within_ms": 0})
          for count in (1, 3)))}
    assert answers == {(200, 2), (408, 2), (417, 2)}
    assert [m["id"] for m in server.rest.get(path + "/messages").json()["items"]] == ids[-1:]


@pytest.mark.parametrize("limits", [{"max_messages": 0}, {"max_bytes": -1}, {"max_age_seconds": "x"},
                                    {"max_messages": 10 ** 16}, {"most": 1}, 7, None])
def test_limits_that_are_none(server, limits):
    response = server.rest.send_json("POST", "/api/v1/inboxes", {"limits": limits})
    assert response.status == 400
    assert response.json()["errors"][0]["field"].startswith("limits")


def test_a_message_that_is_larger_than_all_may_be(start):
    server = start("--max-bytes", "1M", "--max-message-size", "10M")
    server.await_log("messages larger than --max-bytes are refused with 452")
    with server.session() as session:
        session.begin()
        reply = session.finish(b"Subject: large\r\n\r\n" + b"x" * 70 + b"\r\n" + (b"y" * 98 + b"\r\n") * 20_000)
        assert reply.code == 452 and "--max-bytes" in reply.text
        assert session.deliver(plain(1))
        for n in range(30):
            session.deliver(b"Subject: x\r\n\r\n" + (b"y" * 98 + b"\r\n") * 1000)
    until(lambda: info(server)["size_bytes"] <= 1 << 20)
    assert info(server)["message_count"] >= 10
