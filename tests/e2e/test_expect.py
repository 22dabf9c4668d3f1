"""POST .../expect: what a test suite asserts, and what it hears when that does not come about."""
import concurrent.futures
import time

import pytest

from program import until

PATH = "/api/v1/inboxes/default/expect"
HTML = b"""\
From: Shop <app@shop.test>\r
To: Ann <ann@b.test>\r
Subject: Reset your password\r
X-Tenant: 42\r
MIME-Version: 1.0\r
Content-Type: multipart/mixed; boundary=b\r
\r
--b\r
Content-Type: text/html; charset=utf-8\r
\r
<p>Your <b>code</b>: 123456</p>\r
--b\r
Content-Type: application/pdf\r
Content-Disposition: attachment; filename=bill.pdf\r
\r
%PDF\r
--b--\r
"""


def plain(subject):
    return f"From: a@b.test\r\nSubject: {subject}\r\n\r\nHello\r\n".encode()


def expect(server, match, **rest):
    return server.rest.send_json("POST", PATH, {"match": match, **rest})


@pytest.fixture
def cursor(server):
    """Only what comes from now on: other tests use this server too."""
    newest = server.rest.messages(limit=1)["items"]
    return newest[0]["id"] if newest else 0


def test_what_is_there_already(server, cursor, recipient):
    sent = server.deliver(HTML, to=[recipient])
    answer = expect(server, after=cursor, match={
        "envelope_to": [recipient], "from": "app@shop.test", "to": ["ann@b.test"],
        "subject": {"contains": "Reset"}, "text": {"matches": r"code: \d{6}"},
        "html": {"contains": "<b>code</b>"}, "headers": {"X-Tenant": "42"},
        "attachments": [{"filename": {"ends_with": ".pdf"}, "content_type": "application/pdf"}]})
    assert answer.status == 200, answer
    result = answer.json()
    assert result["passed"] is True
    assert result["items"] == [server.rest.message(sent)]
    assert result["cursor"] == sent


def test_what_comes_meanwhile(server, cursor, recipient):
    with concurrent.futures.ThreadPoolExecutor() as pool:
        answer = pool.submit(expect, server, {"envelope_to": recipient, "subject": "two"},
                             after=cursor, within_ms=30000)
        server.deliver(plain("one"), to=[recipient])
        two = server.deliver(plain("two"), to=[recipient])
        result = answer.result()
    assert result.status == 200
    assert [item["id"] for item in result.json()["items"]] == [two]


def test_the_nearest_are_told(server, cursor, recipient):
    wrong = server.deliver(plain("Welcome"), to=[recipient])
    far = server.deliver(HTML, to=[recipient])
    answer = expect(server, {"envelope_to": recipient, "subject": {"contains": "Reset"},
                             "from": "a@b.test", "attachments": []}, after=cursor, within_ms=0)
    assert answer.status == 417
    result = answer.json()
    assert result["passed"] is False
    assert result["items"] == []
    assert result["cursor"] == far
    assert result["reason"] == ("Expected at least 1 matching message within 0 ms; "
                                "of 2 messages looked at, 0 match.")
    assert result["near"][0] == {"message_id": wrong, "mismatches": [
        {"field": "subject", "expected": {"contains": "Reset"}, "actual": "Welcome"}]}
    assert [m["field"] for m in result["near"][1]["mismatches"]] == ["from", "attachments"]


def test_nothing_came(server, cursor):
    answer = expect(server, {}, after=cursor, within_ms=1)
    assert answer.status == 417
    assert answer.json()["reason"].endswith("no message came.")


@pytest.mark.parametrize("count, passed", [
    (0, False), (1, True), (2, True), (3, False),
    ({"min": 2}, True), ({"min": 3}, False), ({"max": 2}, True), ({"max": 1}, False),
    ({"min": 2, "max": 2}, True), ({"min": 1, "max": 1}, False)])
def test_counts(server, cursor, recipient, count, passed):
    for _ in range(2):
        server.deliver(plain("x"), to=[recipient])
    answer = expect(server, {"envelope_to": recipient}, after=cursor, within_ms=0, count=count)
    assert (answer.status, answer.json()["passed"]) == (200 if passed else 417, passed), answer


def test_none_may_come(server, cursor):
    """It takes the time that is given, and passes."""
    begin = time.monotonic()
    answer = expect(server, {"subject": "never"}, after=cursor, within_ms=100, count=0)
    assert answer.status == 200
    assert time.monotonic() - begin >= 0.1


def test_none_came_is_not_said_of_time_that_was_cut_short(start):
    server = start()
    with concurrent.futures.ThreadPoolExecutor() as pool:
        answer = pool.submit(expect, server, {}, within_ms=300_000, count=0)
        until(lambda: "\nmailstop_waits 1\n" in server.rest.get("/metrics").body.decode())
        server.stop()
        assert answer.result().status == 503


def test_one_too_many_ends_it_at_once(server, cursor, recipient):
    with concurrent.futures.ThreadPoolExecutor() as pool:
        answer = pool.submit(expect, server, {"envelope_to": recipient}, after=cursor,
                             within_ms=300_000, count=0)
        server.deliver(plain("unwanted"), to=[recipient])
        assert answer.result().status == 417


@pytest.mark.parametrize("body, field", [
    ({}, "match"), ({"match": []}, "match"), ({"match": {"subjekt": "x"}}, "match.subjekt"),
    ({"match": {"subject": {"matches": "("}}}, "match.subject"),
    ({"match": {}, "count": -1}, "count"), ({"match": {}, "count": {}}, "count"),
    ({"match": {}, "count": {"min": 2, "max": 1}}, "count"),
    ({"match": {}, "count": {"least": 2}}, "count"), ({"match": {}, "count": "1"}, "count"),
    ({"match": {}, "within_ms": 300_001}, "within_ms"), ({"match": {}, "within": 1}, "within")])
def test_nonsense(server, body, field):
    answer = server.rest.send_json("POST", PATH, body)
    assert answer.status == 400
    assert answer.content_type == "application/problem+json"
    assert answer.json()["errors"][0]["field"] == field


@pytest.mark.parametrize("text", [{"matches": "a{0,60000}[bc]"}, {"not": {"matches": "(a+)+[bc]"}}])
def test_a_hopeless_regular_expression_is_neither_here_nor_there(server, cursor, recipient, text):
    server.deliver(plain("x") + b"a" * 100_000 + b"\r\n", to=[recipient])
    for count in (0, 1):
        answer = expect(server, {"envelope_to": recipient, "text": text}, after=cursor,
                        within_ms=0, count=count)
        assert answer.status == 400, answer
        assert answer.json()["errors"][0]["field"] == "match.text"
        assert "too long" in answer.json()["detail"]


def test_no_such_inbox(server):
    answer = server.rest.send_json("POST", "/api/v1/inboxes/nobody/expect", {"match": {}})
    assert answer.status == 404
