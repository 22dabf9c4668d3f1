"""GET .../wait: nobody sleeps and polls."""
import concurrent.futures
import threading
import time

import pytest

PATH = "/api/v1/inboxes/default/wait"


def plain(subject, sender="a@b.test"):
    return f"From: {sender}\r\nSubject: {subject}\r\n\r\nHello\r\n".encode()


@pytest.fixture
def cursor(server):
    newest = server.rest.messages(limit=1)["items"]
    return newest[0]["id"] if newest else 0


def wait(server, **query):
    return server.rest.get(PATH, **query)


def ids(answer):
    return [item["id"] for item in answer.json()["items"]]


def test_what_is_there_already_counts(server, cursor, recipient):
    sent = server.deliver(plain("Reset your password"), to=[recipient])
    answer = wait(server, query=f'rcpt:{recipient} subject:"reset your"', after=cursor)
    assert answer.status == 200
    assert answer.json() == {"items": [server.rest.message(sent)], "cursor": sent, "pruned_count": 0}


def test_what_comes_meanwhile(server, cursor, recipient):
    with concurrent.futures.ThreadPoolExecutor() as pool:
        answer = pool.submit(wait, server, query=f"rcpt:{recipient} subject:two", after=cursor)
        server.deliver(plain("one"), to=[recipient])
        two = server.deliver(plain("two"), to=[recipient])
        assert ids(answer.result()) == [two]


def test_several_and_then_the_next(server, cursor, recipient):
    query = f"rcpt:{recipient}"
    with concurrent.futures.ThreadPoolExecutor() as pool:
        answer = pool.submit(wait, server, query=query, after=cursor, count=3)
        sent = [server.deliver(plain(str(n)), to=[recipient]) for n in range(3)]
        assert ids(answer.result()) == sent
        behind = answer.result().json()["cursor"]
        assert behind == sent[-1]
        answer = pool.submit(wait, server, query=query, after=behind)
        last = server.deliver(plain("last"), to=[recipient])
        assert ids(answer.result()) == [last]


def test_the_nearest_and_why(server, cursor, recipient):
    found = server.deliver(plain("Reset", "app@shop.test"), to=[recipient])
    near = server.deliver(plain("Reset"), to=[recipient])
    far = server.deliver(plain("Hello"), to=[recipient])
    answer = wait(server, query=f"rcpt:{recipient} subject:reset from:app@shop.test",
                  after=cursor, count=2, timeout=0)
    assert answer.status == 408
    assert ids(answer) == [found]
    assert answer.json()["cursor"] == found
    told = [(n["message"]["id"], n["failed"]) for n in answer.json()["near"]]
    assert told == [(near, ["from:app@shop.test"]),
                    (far, ["subject:reset", "from:app@shop.test"])]


def test_it_ends_in_time(server, cursor):
    begin = time.monotonic()
    answer = wait(server, query="subject:never", after=cursor, timeout=1)
    assert answer.status == 408
    assert 1 <= time.monotonic() - begin < 10


def test_it_ends_in_time_after_one_that_was_answered_early(server, cursor):
    with concurrent.futures.ThreadPoolExecutor() as pool, server.session() as session:
        waiting = pool.submit(wait, server, after=cursor, timeout=1)
        found = session.deliver(plain("early"))
        assert waiting.result().status in (200, 408)  # where a second is not enough for that
    assert wait(server, query="subject:never", after=found, timeout=1).status == 408


@pytest.mark.parametrize("query, field", [
    ({"query": "subject:("}, "query"), ({"query": ""}, "query"), ({"count": 0}, "count"),
    ({"count": 501}, "count"), ({"timeout": 301}, "timeout"), ({"timeout": "1s"}, "timeout"),
    ({"after": -1}, "after"), ({"from": "x"}, "from")])
def test_nonsense(server, query, field):
    answer = wait(server, **query)
    assert answer.status == 400
    assert answer.json()["errors"][0]["field"] == field


def test_no_such_inbox(server):
    assert server.rest.get("/api/v1/inboxes/nobody/wait").status == 404


def test_in_a_full_inbox(start):
    """Where the first look may take long it is taken aside; what comes is answered as ever."""
    server = start()
    with server.session() as session, concurrent.futures.ThreadPoolExecutor() as pool:
        there = [session.deliver(plain(f"number {n}")) for n in range(120)]
        assert ids(wait(server, query="subject:number", count=2)) == there[:2]
        answer = wait(server, query="subject:number -from:a@b.test", timeout=0)
        assert answer.status == 408
        assert [near["message"]["id"] for near in answer.json()["near"]] == there[:-4:-1]
        waiting = [pool.submit(wait, server, query=f"subject:late{n}") for n in range(4)]
        expected = pool.submit(server.rest.send_json, "POST", "/api/v1/inboxes/default/expect",
                               {"match": {"subject": "late3"}, "within_ms": 30000})
        late = [session.deliver(plain(f"late{n}")) for n in range(4)]
        assert [ids(answer.result()) for answer in waiting] == [[one] for one in late]
        assert ids(expected.result()) == late[3:]


def test_what_is_changed_while_it_waits(server, recipient):
    """Also what was looked at already, when something else came."""
    sent = server.deliver(plain("to be tagged"), to=[recipient])
    tag = f"tag-of-{sent}"
    with concurrent.futures.ThreadPoolExecutor() as pool:
        waiting = pool.submit(wait, server, query=f"tag:{tag}", after=sent - 1)
        server.deliver(plain("something else"), to=[recipient])
        changed = server.rest.send_json("PATCH", f"/api/v1/messages/{sent}", {"tags": [tag]})
        assert changed.status == 200
        assert ids(waiting.result()) == [sent]


def test_no_wake_up_is_lost(start):
    """Each wait races with the delivery it waits for; one that missed it would last for long."""
    server, rounds = start(), 300
    with server.session() as session:
        cursor = 0
        for number in range(rounds):
            answers = []
            thread = threading.Thread(target=lambda: answers.append(wait(server, after=cursor)))
            thread.start()
            sent = session.deliver(plain(str(number)))
            thread.join()
            assert ids(answers[0]) == [sent]
            cursor = sent


def test_many_wait_for_their_own(start):
    """Each of 200 inboxes gets its mail; nobody is told another's."""
    server, count = start("--max-connections-per-ip", "2000"), 200
    names = [f"inbox-{n}" for n in range(count)]
    for name in names:
        created = server.rest.send_json("POST", "/api/v1/inboxes",
                                        {"name": name, "recipients": [f"{name}@b.test"]})
        assert created.status == 201, created
    with concurrent.futures.ThreadPoolExecutor(count) as pool:
        answers = {name: pool.submit(server.rest.get, f"/api/v1/inboxes/{name}/wait")
                   for name in names}
        with server.session() as session:
            sent = {name: session.deliver(plain(name), to=[f"{name}@b.test"])
                    for name in reversed(names)}
        for name in names:
            assert ids(answers[name].result()) == [sent[name]]
