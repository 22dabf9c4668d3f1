"""Search: by SMTP in, by REST found, from the moment of the 250 on."""
import contextlib
import http.client
import re
import select
import socket
import urllib.parse

import pytest

from program import until

HTML_ONLY = (b"From: App <app@shop.test>\r\nSubject: =?utf-8?q?Gr=C3=B6=C3=9Fe?=\r\n"
             b"Content-Type: text/html; charset=utf-8\r\n\r\n"
             b"<style>p { color: red }</style><p>Your <b>caf\xc3\xa9</b> is ready<script>alert</script>\r\n")
PLAIN = (b"From: Ann <ann@b.test>\r\nSubject: Reset your password\r\nX-Tenant: 42\r\n\r\n"
         b"Click here. Code: 123456\r\n")
WITH_FILE = (b"Subject: Invoice\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n"
             b"--b\r\n\r\nSee below\r\n--b\r\nContent-Type: application/pdf; name=invoice-7.pdf\r\n"
             b"Content-Disposition: attachment\r\n\r\n%PDF\r\n--b--\r\n")


def found(program, query, **more):
    return [m["id"] for m in program.rest.messages(query=query, **more)["items"]]


@pytest.fixture
def program(start):
    program = start()
    program.ids = [program.deliver(raw) for raw in (HTML_ONLY, PLAIN, WITH_FILE)]
    return program


def test_what_was_sent_is_found(program):
    html, plain, with_file = program.ids
    for query, expected in [
            ("cafe", [html]), ("subject:grosse", [html]), ('"your café is ready"', [html]),
            ("color", []), ("alert", []), ("has:html", [html]),
            ("from:ann@b.test", [plain]), ("header:X-Tenant=42", [plain]), ("12345*", [plain]),
            ("~asswor", [plain]), ("helo:client.test", [with_file, plain, html]),
            ("filename:invoice-7.pdf", [with_file]), ("has:attachment", [with_file]),
            ("cafe OR invoice", [with_file, html]), ("-your", [with_file]),
            ("after:1h is:unread smaller:1M ip:127.0.0.1", [with_file, plain, html])]:
        assert found(program, query) == expected, query


def test_deleted_is_not_found(program):
    html, plain, with_file = program.ids
    assert program.rest.delete("/api/v1/messages", query="your -subject:reset").json() == {"deleted": 1}
    assert program.rest.delete(f"/api/v1/messages/{plain}").status == 204
    assert found(program, "your OR invoice") == [with_file]


def test_a_bad_query_says_where(program):
    answer = program.rest.get("/api/v1/messages", query="größe (a OR")
    assert answer.status == 400 and answer.content_type == "application/problem+json"
    assert answer.json()["errors"] == [
        {"field": "query", "detail": "expected something to look for", "position": 11}]


def test_every_message_is_found_once_it_is_acknowledged(start):
    """Across the time when messages go into the index, which some hundred do together."""
    program = start()
    with program.session() as session:
        for number in range(700):
            message_id = session.deliver(b"Subject: number%d\r\n\r\nall of them\r\n" % number)
            assert found(program, f"number{number}", limit=1) == [message_id]
    assert program.rest.messages(query="all-of-them", limit=1)["total"] == 700
    program.stop()
    again = start()
    assert again.rest.messages(query="them subject:number*", limit=1)["total"] == 700
    assert again.rest.delete("/api/v1/messages", query="number1*").json() == {"deleted": 111}
    assert again.rest.messages(query="all-of-them", limit=1)["total"] == 589


# A search that takes long, once there is what start_long() puts there.
LONG = {"query": " OR ".join(f"~nothing{n}" for n in range(64))}


def start_long(start, timeout):
    program = start("--search-timeout", timeout)
    text = b" ".join(b"word%d" % n for n in range(6000)) + b"\r\n"
    for _ in range(30):
        program.deliver(b"Subject: long\r\n\r\n" + text.replace(b"99 ", b"99\r\n"))
    return program


def test_searches_that_take_too_long_say_what_to_do(start):
    program, inbox = start_long(start, "1ms"), "/api/v1/inboxes/default"
    for answer in (program.rest.get("/api/v1/messages", **LONG),
                   program.rest.get(f"{inbox}/messages", **LONG),
                   program.rest.get("/api/v1/messages/latest", **LONG),
                   program.rest.get(f"{inbox}/wait", timeout=0, **LONG),
                   program.rest.delete("/api/v1/messages", **LONG),
                   program.rest.send_json("PATCH", f"{inbox}/messages", LONG | {"set": {"read": True}})):
        assert answer.status == 400, answer
        assert answer.content_type == "application/problem+json"
        [error] = answer.json()["errors"]
        assert error["field"] == "query" and "--search-timeout" in error["detail"]
    assert program.rest.messages(limit=1)["total"] == 30


def test_long_searches_hold_up_nobody_else(start):
    """Of more long searches than there are threads for them, most are not answered yet when
    everybody else has been."""
    program = start_long(start, "1m")
    with contextlib.ExitStack() as stack:
        slow, quick = ([connect(program, stack) for _ in range(count)] for count in (40, 12))
        for connection in slow:
            connection.request("GET", "/api/v1/messages?" + urllib.parse.urlencode(LONG))
        for connection in quick:
            connection.request("GET", "/api/v1/messages?limit=1")
            assert connection.getresponse().status == 200
        answered, _, _ = select.select([connection.sock for connection in slow], [], [], 0)
        assert len(answered) < len(slow) / 2
        for connection in slow:
            response = connection.getresponse()
            assert response.status == 200 and b'"total":0' in response.read()


def test_nobody_searches_for_who_has_gone(start):
    """A request that comes in one piece with the end of its connection is refused, if
    libmicrohttpd does not drop it by itself."""
    program = start()
    program.deliver(PLAIN)
    count = re.compile(r'^mailstop_http_requests_total{.*route="/api/v1/messages",status="(\d+)"}',
                       re.MULTILINE)

    def counted():
        with contextlib.ExitStack() as stack:
            connection = connect(program, stack)
            connection.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_CORK, 1)
            connection.request("GET", "/api/v1/messages?query=~code")
        return count.findall(program.rest.get("/metrics").body.decode())

    assert until(counted) == ["503"]


def connect(program, stack):
    """A connection that is kept, and so is one thread's."""
    connection = http.client.HTTPConnection(*program.rest.address, timeout=60)
    stack.callback(connection.close)
    connection.request("GET", "/healthz")
    connection.getresponse().read()
    return connection


def test_long_searches_do_not_outlast_the_server(start):
    """What waits for a thread when the server ends is refused or cut off; nothing hangs."""
    program = start()
    program.deliver(PLAIN)
    with contextlib.ExitStack() as stack:
        connections = [connect(program, stack) for _ in range(50)]
        for connection in connections:
            connection.request("GET", "/api/v1/messages?query=~code")
        program.stop()
