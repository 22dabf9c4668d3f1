"""The HTTP server alone, over real sockets: what only a connection can show. tests/e2e/http/site.c
is the site it serves."""
import contextlib
import http.client
import json
import os
import pathlib
import select
import socket
import subprocess
import time

import pytest

from program import until

ROOT = pathlib.Path(__file__).resolve().parents[2]
BUILD = pathlib.Path(os.environ.get("MAILSTOP_BIN", ROOT / "build-tests" / "mailstop")).parent
TIMEOUT = 30
JSON = {"Content-Type": "application/json"}


class Site:
    def __init__(self, *arguments):
        self.process = subprocess.Popen([BUILD / "tests/e2e/http/http_site", *arguments], text=True,
                                        stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        host, port = self.process.stdout.readline().strip().rsplit(":", 1)
        self.address = (host, int(port))

    def connect(self):
        return http.client.HTTPConnection(*self.address, timeout=TIMEOUT)

    def socket(self):
        return socket.create_connection(self.address, timeout=TIMEOUT)

    def stop(self):
        self.process.stdin.close()
        try:
            return self.process.wait(TIMEOUT)
        finally:
            self.process.kill()
            self.process.stdout.close()


@pytest.fixture
def site():
    site = Site()
    yield site
    if site.process.returncode is None:
        assert site.stop() == 0


@pytest.fixture
def connection(site):
    connection = site.connect()
    yield connection
    connection.close()


def ask(connection, method, path, body=None, headers=None, **options):
    """On the connection as it stands: it is not opened again."""
    if connection.sock is None:
        connection.connect()
    connection.auto_open = 0
    connection.request(method, path, body, headers or {}, **options)
    response = connection.getresponse()
    response.content = response.read()
    return response


def made_up(start, end):
    return bytes(n % 251 for n in range(start, end))


@pytest.mark.parametrize("size", [0, 1, 65535, 65536, 65537, 1_000_000])
@pytest.mark.parametrize("path", ["/sized", "/unsized"])
def test_streamed_bodies(connection, path, size):
    response = ask(connection, "GET", f"{path}?size={size}")
    assert response.status == 200
    assert response.content == made_up(0, size)
    assert response.headers["Content-Length"] == (str(size) if path == "/sized" else None)
    assert ask(connection, "GET", "/streams").status == 200, "the connection stays usable"


def test_a_range_far_into_a_stream(connection):
    start, size = 10**15, 10**15 + 200_000
    response = ask(connection, "GET", f"/sized?size={size}",
                   headers={"Range": f"bytes={start}-{start + 149_999}"})
    assert response.status == 206
    assert response.headers["Content-Length"] == "150000"
    assert response.content == made_up(start % 251, start % 251 + 150_000)


@pytest.mark.parametrize("path", ["/failing", "/short"])
def test_a_body_that_fails_is_cut_off(connection, path):
    connection.request("GET", f"{path}?size=200000")
    with pytest.raises(http.client.IncompleteRead):
        connection.getresponse().read()


@pytest.mark.parametrize("path", ["/sized", "/unsized", "/streams", "/nothing", "/events"])
def test_head_has_no_body(site, path):
    with site.socket() as client:
        client.sendall(f"HEAD {path} HTTP/1.1\r\nHost: localhost\r\n\r\n"
                       "GET /streams HTTP/1.1\r\nHost: localhost\r\n"
                       "Connection: close\r\n\r\n".encode())
        answer = b"".join(iter(lambda: client.recv(65536), b""))
    head, _, rest = answer.partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 404" if path == "/nothing" else b"HTTP/1.1 200")
    assert rest == b"" or rest.startswith(b"HTTP/1.1 200")


def test_not_modified_has_no_body(connection):
    for _ in range(3):
        response = ask(connection, "GET", "/sized", headers={"If-None-Match": '"made-up"'})
        assert (response.status, response.content) == (304, b"")


def test_a_body_up_to_its_limit(connection):
    limit, around = 1024 * 1024, len(json.dumps({"text": ""}))
    for length, status in ((limit, 200), (limit + 1, 413)):
        body = json.dumps({"text": "x" * (length - around)})
        assert len(body) == length
        response = ask(connection, "PATCH", "/item", body, JSON)
        assert response.status == status
        chunks = (body[i:i + 10_000].encode() for i in range(0, length, 10_000))
        response = ask(connection, "PATCH", "/item", chunks, JSON, encode_chunked=True)
        assert response.status == status


@pytest.mark.parametrize("method, path, headers, status", [
    ("PATCH", "/item", {}, 415),
    ("PATCH", "/nothing", JSON, 404),
    ("DELETE", "/item", JSON, 405),
    ("GET", "/sized", JSON, 400),
    ("POST", "/events", JSON, 400),
    ("PATCH", "/item", JSON | {"Origin": "http://evil.test"}, 403),
])
@pytest.mark.parametrize("length", [1, 2_000_000])
def test_a_refusal_leaves_the_connection_usable(connection, method, path, headers, status, length):
    for _ in range(3):
        assert ask(connection, method, path, b"x" * length, headers).status == status
        assert ask(connection, "GET", "/sized").content == made_up(0, 10)


def test_a_body_without_end_is_refused_at_once(site):
    with site.socket() as client:
        client.sendall(b"PATCH /item HTTP/1.1\r\nHost: localhost\r\n"
                       b"Content-Type: application/json\r\nContent-Length: 99999999999\r\n\r\n{")
        assert client.recv(12) == b"HTTP/1.1 413"
        while client.recv(65536):
            pass


def test_a_body_that_is_waited_for(site):
    with site.socket() as client:
        client.sendall(b"PATCH /item HTTP/1.1\r\nHost: localhost\r\nExpect: 100-continue\r\n"
                       b"Content-Type: application/json\r\nContent-Length: 2\r\n\r\n")
        assert client.recv(65536) == b"HTTP/1.1 100 Continue\r\n\r\n"
        client.sendall(b"{}")
        assert client.recv(12) == b"HTTP/1.1 200"


def test_targets_reach_us_undecoded(connection):
    assert ask(connection, "GET", "/sized?size=1%2B1").status == 400
    assert ask(connection, "GET", "/sized?size=%35").content == made_up(0, 5)
    assert ask(connection, "GET", "/siz%65d").status == 200
    assert ask(connection, "GET", "/%").status == 400


def test_too_many_header_fields(connection):
    headers = {f"X-{n}": "x" for n in range(100)}
    assert ask(connection, "GET", "/sized", headers=headers).status == 431


def answers_to(site, octets):
    with site.socket() as client:
        client.sendall(octets)
        return b"".join(iter(lambda: client.recv(65536), b""))


@pytest.mark.parametrize("line", [
    b"Transfer-Encoding: gzip", b"Content-Length: 2\r\nTransfer-Encoding: chunked",
    b"Content-Length: 50\r\nContent-Length: 3"], ids=["coding", "both", "lengths"])
def test_a_body_whose_end_is_unknown_ends_the_connection(site, line):
    """What comes behind it may be the body, or somebody else's request: nobody answers it."""
    answer = answers_to(site, b"PATCH /item HTTP/1.1\r\nHost: localhost\r\n"
                        b"Content-Type: application/json\r\n" + line + b"\r\n\r\n"
                        b"GET /sized HTTP/1.1\r\nHost: localhost\r\n\r\n")
    assert answer.startswith((b"HTTP/1.1 400", b"HTTP/1.1 501")) and answer.count(b"HTTP/1.1") == 1
    assert b"application/problem+json" in answer


@pytest.mark.parametrize("request_line, header, status", [
    (b"GET /sized?size=" + b"1" * 9000 + b" HTTP/1.1", b"Host: localhost", 414),
    (b"GET /sized HTTP/1.1", b"Host: localhost\r\nX: " + b"x" * 17000, 431),
    (b"GET /sized HTTP/1.1", b"Host: localhost\r\nHost: localhost", 400),
    (b"GET /sized HTTP/1.1", b"X: no Host", 400),
], ids=["long-target", "long-header", "hosts", "no-host"])
def test_what_is_wrong_with_a_header_is_a_problem(site, request_line, header, status):
    answer = answers_to(site, request_line + b"\r\n" + header + b"\r\nConnection: close\r\n\r\n")
    assert answer.startswith(b"HTTP/1.1 %d " % status)
    assert b"application/problem+json" in answer and b'"status":%d,' % status in answer


@pytest.mark.parametrize("octets, status", [
    (b"GET /sized?size=" + b"1" * 100_000 + b" HTTP/1.1\r\nHost: localhost\r\n\r\n", 414),
    (b"GET /sized HTTP/1.1\r\nHost: localhost\r\nX: " + b"x" * 100_000 + b"\r\n\r\n", 431),
    (b"GET /sized HTTP/1.1\r\nHost: localhost\r\nno colon\r\n\r\n", 400),
    (b"GET /sized HTTP/9.9\r\nHost: localhost\r\n\r\n", 505),
], ids=["target", "header", "colon", "version"])
def test_what_is_no_request_is_answered_and_closed(site, octets, status):
    with site.socket() as client:
        try:
            client.sendall(octets)
        except (ConnectionResetError, BrokenPipeError):
            pass  # it may be answered before it has been sent in whole
        assert client.recv(12) == b"HTTP/1.1 %d" % status


def test_two_requests_in_one_packet(site):
    with site.socket() as client:
        client.sendall(b"GET /sized HTTP/1.1\r\nHost: localhost\r\n\r\n"
                       b"GET /streams HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
        answer = b"".join(iter(lambda: client.recv(65536), b""))
        assert answer.count(b"HTTP/1.1 200") == 2


# ---- events ----

def listen(site):
    connection = site.connect()
    connection.request("GET", "/events")
    return connection, connection.getresponse()


def next_id(response):
    while line := response.readline():
        if line.startswith(b"id: "):
            return int(line[4:])
    return None


def test_everyone_hears_everything(site):
    streams = [listen(site) for _ in range(20)]
    teller = site.connect()
    for number in range(1, 201):
        assert json.loads(ask(teller, "POST", "/events").content) == number
    for connection, response in streams:
        assert [next_id(response) for _ in range(200)] == list(range(1, 201))
        connection.close()
    teller.close()


def test_news_after_sleep(site):
    connection, response = listen(site)
    teller = site.connect()
    for number in range(1, 1001):  # each is heard before the next: no wake-up is lost
        ask(teller, "POST", "/events")
        assert next_id(response) == number
    connection.close()
    teller.close()


def test_too_many_streams(site, connection):
    streams = [listen(site) for _ in range(20)]
    refused = ask(connection, "GET", "/events")
    assert refused.status == 503
    assert refused.headers.get_content_type() == "application/problem+json"
    assert json.loads(ask(connection, "GET", "/streams").content) == 20
    for stream, _ in streams:
        stream.close()


def test_streams_of_clients_that_left_are_freed(site, connection):
    for _ in range(3):
        for stream, response in [listen(site) for _ in range(20)]:
            assert response.status == 200
            response.close()
            stream.close()
        while json.loads(ask(connection, "GET", "/streams").content):
            pass  # without any news


# ---- answers that are given later ----

def test_an_answer_that_is_known_is_given_at_once(connection):
    assert ask(connection, "POST", "/events").content
    answer = ask(connection, "GET", "/later?after=0")
    assert (answer.status, json.loads(answer.content)) == (200, 1)


def test_no_wake_up_is_lost(site):
    """Each request races with the news it waits for; one that missed it would wait for long."""
    waiter, teller = site.connect(), site.connect()
    for number in range(10_000):
        waiter.request("GET", f"/later?after={number}")
        teller.request("POST", "/events")
        answer = waiter.getresponse()
        assert (answer.status, json.loads(answer.read())) == (200, number + 1)
        teller.getresponse().read()
    waiter.close()
    teller.close()


def test_a_connection_that_waited_goes_on(connection):
    for path, status in [("/later?timeout_ms=0", 408), ("/later?timeout_ms=1", 408),
                         ("/later?timeout_ms=x", 400), ("/streams", 200)]:
        answer = ask(connection, "GET", path)
        assert answer.status == status
        assert answer.headers["X-Content-Type-Options"] == "nosniff"


def test_each_waits_until_its_own_time(site, connection):
    with contextlib.closing(site.connect()) as late, contextlib.closing(site.connect()) as early:
        late.request("GET", "/later?timeout_ms=30000")
        early.request("GET", "/later?timeout_ms=50")
        assert early.getresponse().status == 408
        until(lambda: json.loads(ask(connection, "GET", "/streams").content) == 1)  # the late one
        ask(connection, "POST", "/events")
        assert late.getresponse().status == 200


def test_too_many_that_wait(site, connection):
    waiting = [site.connect() for _ in range(20)]
    for waiter in waiting:
        waiter.request("GET", "/later")
    while json.loads(ask(connection, "GET", "/streams").content) < 20:
        pass
    refused = ask(connection, "GET", "/later")
    assert refused.status == 503
    assert refused.headers["Retry-After"]
    ask(connection, "POST", "/events")
    assert [waiter.getresponse().status for waiter in waiting] == [200] * 20
    for waiter in waiting:
        waiter.close()


def test_who_waits_and_leaves_is_forgotten(site, connection):
    for _ in range(20):
        with site.socket() as client:
            client.sendall(b"GET /later?timeout_ms=600000 HTTP/1.1\r\nHost: localhost\r\n\r\n")
            while not json.loads(ask(connection, "GET", "/streams").content):
                pass
    while json.loads(ask(connection, "GET", "/streams").content):
        pass  # without any news


def test_stopping_answers_who_waits(site, connection):
    with contextlib.closing(site.connect()) as waiter:
        waiter.request("GET", "/later")
        while not json.loads(ask(connection, "GET", "/streams").content):
            pass
        assert site.stop() == 0
        assert waiter.getresponse().status == 503


def test_stopping_ends_streams_and_downloads(site):
    streams = [listen(site) for _ in range(20)]
    download = site.connect()
    download.request("GET", f"/sized?size={10**12}")
    assert download.getresponse().read(1000)
    assert site.stop() == 0
    for connection, response in streams:
        assert next_id(response) is None
        connection.close()
    download.close()


def test_a_header_that_drips_is_not_waited_for():
    """Nor does a request that lasts count, or one that came before."""
    site = Site("1")
    with site.socket() as stream, site.socket() as dripping:
        stream.sendall(b"GET /events HTTP/1.1\r\nHost: localhost\r\n\r\n")
        assert stream.recv(4096).startswith(b"HTTP/1.1 200 ")
        dripping.sendall(b"GET /streams HTTP/1.1\r\nHost: localhost\r\n\r\n")
        assert dripping.recv(4096).startswith(b"HTTP/1.1 200 ")
        dripping.sendall(b"GET /streams HTTP/1.1\r\nX: ")
        deadline = time.monotonic() + TIMEOUT
        while not select.select([dripping], [], [], 0.1)[0] and time.monotonic() < deadline:
            dripping.sendall(b"x")
        assert dripping.recv(4096) == b""
        connection = site.connect()
        assert ask(connection, "GET", "/streams").status == 200
        connection.close()
        assert not select.select([stream], [], [], 0)[0] or stream.recv(4096)
    assert site.stop() == 0
