"""Inboxes: made, read, changed over REST."""
import concurrent.futures

import pytest


def make(server, **fields):
    response = server.rest.send_json("POST", "/api/v1/inboxes", fields)
    assert response.status == 201, response
    return response.json()


def get(server, inbox):
    response = server.rest.get(f"/api/v1/inboxes/{inbox}")
    assert response.status == 200, response
    return response.json()


def test_an_inbox_for_a_test_is_one_call(server):
    inbox = make(server)
    assert get(server, inbox["name"]) == get(server, inbox["id"]) == inbox
    host, port = server.smtp
    assert (inbox["smtp"]["host"], inbox["smtp"]["port"]) == (host, port)
    assert inbox["smtp"]["url"] == "smtp://{username}:{password}@{host}:{port}".format(
        **inbox["smtp"])
    assert inbox["message_count"] == 0 and inbox["last_message_at"] is None


def test_inboxes_made_at_once_differ(server):
    with concurrent.futures.ThreadPoolExecutor(16) as pool:
        inboxes = list(pool.map(lambda _: make(server), range(100)))
    for field in ("id", "name", "api_token"):
        assert len({inbox[field] for inbox in inboxes}) == 100
    assert len({inbox["smtp"]["password"] for inbox in inboxes}) == 100


def test_of_many_who_want_a_name_one_gets_it(server):
    def attempt(_):
        return server.rest.send_json("POST", "/api/v1/inboxes", {"name": "Wanted"}).status
    with concurrent.futures.ThreadPoolExecutor(16) as pool:
        statuses = sorted(pool.map(attempt, range(32)))
    assert statuses == [201] + [409] * 31


def test_credentials_are_in_the_database_from_the_start(start):
    """They stay the same over a restart, those of `default` too."""
    server = start()
    before = [get(server, "default"), make(server, name="shop")]
    server.stop()
    server = start()
    for inbox in before:
        after = get(server, inbox["id"])
        assert after["api_token"] == inbox["api_token"]
        assert after["smtp"]["password"] == inbox["smtp"]["password"]


def test_as_many_as_are_allowed(start):
    server = start("--max-inboxes", "2")
    make(server)
    response = server.rest.send_json("POST", "/api/v1/inboxes", {})
    assert response.status == 503
    assert "--max-inboxes" in response.json()["detail"]


def test_news_of_inboxes(server):
    with server.rest.events() as events:
        inbox = make(server)
        assert events.next("inbox.created").data == inbox
        server.rest.send_json("PATCH", f"/api/v1/inboxes/{inbox['id']}", {"name": "renamed"})
        assert events.next("inbox.changed").data["name"] == "renamed"


def delete(server, inbox):
    return server.rest.delete(f"/api/v1/inboxes/{inbox}").status


def test_it_is_deleted_with_its_mail(server, recipient):
    inbox = make(server, recipients=[recipient], name="to-be-deleted")
    sent = server.deliver(b"Subject: x\r\n\r\n", to=[recipient])
    with server.rest.events() as events:
        assert delete(server, "to-be-deleted") == 204
        assert events.next("inbox.deleted").data == {"id": inbox["id"]}
    assert server.rest.get(f"/api/v1/messages/{sent}").status == 404
    assert delete(server, inbox["id"]) == 404
    assert make(server, name="to-be-deleted")["id"] != inbox["id"]
    again = server.deliver(b"Subject: x\r\n\r\n", to=[recipient])
    assert server.rest.message(again)["inbox"] == "default"


def test_default_stays(server):
    assert delete(server, "default") == 409


def test_its_own_token_may_delete_it(start):
    server = start("--api-token", "secret" * 5)
    rest = server.rest
    inbox = rest.request("POST", "/api/v1/inboxes", "{}", {
        "Content-Type": "application/json", "Authorization": "Bearer " + "secret" * 5}).json()
    own = {"Authorization": f"Bearer {inbox['api_token']}"}
    assert rest.request("DELETE", "/api/v1/inboxes/default", headers=own).status == 404
    assert rest.request("DELETE", f"/api/v1/inboxes/{inbox['id']}", headers=own).status == 204


@pytest.mark.parametrize("how", ["wait", "expect"])
def test_who_waits_for_its_mail_hears_that_it_is_gone(server, how):
    inbox = make(server, ttl_seconds=1)
    path = f"/api/v1/inboxes/{inbox['name']}/{how}"
    if how == "wait":
        assert server.rest.get(path, timeout=30).status == 404
    else:
        assert server.rest.send_json("POST", path, {"within_ms": 30000, "match": {}}).status == 404


@pytest.mark.parametrize("fields", [{"name": "a" * 65}, {"name": "7"}, {"name": "a/b"},
                                    {"recipients": ["*"] * 101}, {"recipients": ["a" * 321]},
                                    {"ttl_seconds": 10 ** 18}])
def test_limits_of_what_is_wished(server, fields):
    response = server.rest.send_json("POST", "/api/v1/inboxes", fields)
    assert response.status == 400
    assert response.json()["errors"][0]["field"] in fields


# ---- mail by recipient ----

def messages_in(server, inbox):
    return server.rest.get(f"/api/v1/inboxes/{inbox['id']}/messages").json()["items"]


def test_mail_goes_to_whom_it_may_concern(start):
    server = start()
    shop = make(server, recipients=["*@shop.test"])
    ann = make(server, recipients=["ann@*", "ann+*@*"])
    first = server.deliver(b"Subject: one\r\n\r\n", to=["ANN+new@Shop.test", "x@y.test"])
    server.deliver(b"Subject: two\r\n\r\n", to=["bob@shop.test"])
    server.deliver(b"Subject: three\r\n\r\n", to=["bob@other.test"])
    assert [m["subject"] for m in messages_in(server, shop)] == ["two", "one"]
    assert [m["subject"] for m in messages_in(server, ann)] == ["one"]
    assert [m["subject"] for m in messages_in(server, {"id": 1})] == ["three"]
    [copy] = messages_in(server, ann)
    original = server.rest.message(first)
    assert original["inbox"] == shop["name"], "250 names the first copy"
    assert server.rest.raw(copy["id"]) == server.rest.raw(first)
    for message in (copy, original):
        assert message["envelope"]["to"] == ["ANN+new@Shop.test", "x@y.test"]


def test_patterns_change_at_once(server):
    inbox = make(server)
    for n in range(10):
        address = f"turn-{n}@{inbox['name']}.test"
        server.rest.send_json("PATCH", f"/api/v1/inboxes/{inbox['id']}", {"recipients": [address]})
        server.deliver(b"Subject: x\r\n\r\n", to=[address])
    assert get(server, inbox["id"])["message_count"] == 10


def test_too_many_copies(start):
    server = start()
    for _ in range(101):
        make(server, recipients=["*@everywhere.test"])
    with server.session() as session:
        session.begin(to=["x@everywhere.test"])
        reply = session.finish(b"Subject: x\r\n\r\n")
        assert (reply.code, reply.text[:5]) == (554, "5.2.4")
        session.deliver(b"Subject: y\r\n\r\n")
    assert server.rest.messages()["total"] == 1
