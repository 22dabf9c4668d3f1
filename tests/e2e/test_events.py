"""News as they happen: Server-Sent Events with ids to resume from."""


def test_created_and_deleted(server):
    with server.rest.events() as events:
        message_id = server.deliver(b"From: a@b.test\r\nSubject: now\r\n\r\n")
        event = events.next("message.created")
        assert event.data["id"] == message_id
        assert event.data["subject"] == "now"
        assert event.data["from"] == [{"name": "", "address": "a@b.test"}]
        assert server.rest.delete(f"/api/v1/messages/{message_id}").status in (200, 204)
        assert events.next("message.deleted").data["id"] == message_id


def test_changed_and_cleared(start):
    server = start()
    with server.rest.events() as events:
        message_id = server.deliver(b"Subject: x\r\n\r\n")
        server.rest.send_json("PATCH", f"/api/v1/messages/{message_id}", {"read": True})
        assert events.next("message.changed").data["id"] == message_id
        server.rest.delete("/api/v1/messages", all="true")
        assert events.next("messages.cleared")


def test_many_listeners_hear_the_same(server):
    streams = [server.rest.events() for _ in range(20)]
    message_id = server.deliver(b"Subject: for all\r\n\r\n")
    for events in streams:
        with events:
            assert events.next("message.created").data["id"] == message_id


def test_in_order_and_none_missing(start):
    server = start()
    with server.rest.events() as events:
        with server.session() as session:
            ids = [session.deliver(b"Subject: %d\r\n\r\n" % n) for n in range(100)]
        heard = [events.next("message.created") for _ in ids]
    assert [e.data["id"] for e in heard] == ids
    numbers = [int(e.id) for e in heard]
    assert numbers == sorted(set(numbers))


def test_resume_where_it_broke_off(start):
    server = start()
    with server.rest.events() as events:
        server.deliver(b"Subject: seen\r\n\r\n")
        last = events.next("message.created")
    missed = [server.deliver(b"Subject: missed\r\n\r\n") for _ in range(3)]
    with server.rest.events(last.id) as events:
        assert [events.next("message.created").data["id"] for _ in missed] == missed


def test_an_id_that_was_never_given_out(server):
    with server.rest.events(10**15) as events:
        assert events.next().type == "reset"


def test_a_bad_id(server):
    response = server.rest.get("/api/v1/events", {"Last-Event-ID": "yesterday"})
    assert response.status == 400


def test_of_one_inbox(server):
    assert server.rest.get("/api/v1/events", inbox="nobody").status == 404
