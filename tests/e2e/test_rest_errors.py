"""REST errors are RFC 9457 problems that name the field, and a refused request changes nothing."""
import json

import pytest


def check_problem(response, status, field=None):
    assert response.status == status, response
    assert response.content_type == "application/problem+json"
    problem = response.json()
    assert problem["status"] == status
    assert problem["type"] and problem["title"] and problem["detail"]
    if field:
        assert field in [error["field"] for error in problem["errors"]], problem
        assert all(error["detail"] for error in problem["errors"])


@pytest.mark.parametrize("query, field", [
    ({"limit": "0"}, "limit"),
    ({"limit": "501"}, "limit"),
    ({"limit": "-1"}, "limit"),
    ({"limit": "ten"}, "limit"),
    ({"limit": ""}, "limit"),
    ({"limit": "99999999999999999999"}, "limit"),
    ({"before": "x"}, "before"),
    ({"before": "-1"}, "before"),
    ({"after": "1.5"}, "after"),
    ({"after": "9223372036854775808"}, "after"),
    ({"limt": "5"}, "limt"),
    ({"a\r\nb": "5"}, "a\r\nb"),
])
@pytest.mark.parametrize("path", ["/api/v1/messages", "/api/v1/inboxes/default/messages"])
def test_bad_parameter(server, path, query, field):
    check_problem(server.rest.get(path, **query), 400, field)


def test_parameter_given_twice(server):
    check_problem(server.rest.get("/api/v1/messages?limit=1&limit=2"), 400, "limit")


@pytest.mark.parametrize("view", ["", "/raw", "/text", "/html", "/headers", "/parts", "/parts/1"])
def test_unknown_parameter_of_a_view(server, view):
    message_id = server.deliver(b"Subject: x\r\n\r\n")
    check_problem(server.rest.get(f"/api/v1/messages/{message_id}{view}", colour="blue"), 400,
                  "colour")


@pytest.mark.parametrize("path", [
    "/api/v1/messages/999999999", "/api/v1/messages/0", "/api/v1/messages/-1",
    "/api/v1/messages/one", "/api/v1/messages/999999999/raw", "/api/v1/messages/999999999/parts/1",
    "/api/v1/messages/99999999999999999999", "/api/v1/inboxes/nobody", "/api/v1/nothing",
    "/api/v1", "/api/v2/messages", "/api/v1/messages/1/nothing", "/api/v1/messages/%00",
    "/api/v1/messages/..%2f..%2fetc%2fpasswd",
])
def test_not_found(server, path):
    check_problem(server.rest.get(path), 404)


@pytest.mark.parametrize("method, path, allowed", [
    ("PUT", "/api/v1/messages", {"GET", "DELETE"}),
    ("POST", "/api/v1/messages/1", {"GET", "DELETE"}),
    ("DELETE", "/api/v1/info", {"GET"}),
    ("DELETE", "/healthz", {"GET"}),
    ("BREW", "/api/v1/messages", {"GET"}),
])
def test_method_not_allowed(server, method, path, allowed):
    response = server.rest.request(method, path)
    check_problem(response, 405)
    assert allowed <= set(response.headers["Allow"].replace(",", " ").split())


@pytest.mark.parametrize("path", ["/api/v1/messages", "/healthz", "/api/v1/info", "/"])
def test_head_is_get_without_body(server, path):
    head, get = server.rest.request("HEAD", path), server.rest.get(path)
    assert head.status == get.status == 200
    assert head.body == b""
    assert head.headers["Content-Type"] == get.headers["Content-Type"]


# ---- deleting needs to be said ----

@pytest.mark.parametrize("query", [{}, {"all": "yes"}, {"all": "1"}, {"all": "true", "limit": "1"}])
@pytest.mark.parametrize("path", ["/api/v1/messages", "/api/v1/inboxes/default/messages"])
def test_delete_guard(server, path, query):
    message_id = server.deliver(b"Subject: still here\r\n\r\n")
    check_problem(server.rest.delete(path, **query), 400)
    assert server.rest.message(message_id)


# ---- who may call ----

@pytest.mark.parametrize("host", ["evil.test", "evil.test:8025", "127.0.0.1.evil.test",
                                  "localhost.evil.test", ""])
@pytest.mark.parametrize("path", ["/api/v1/messages", "/", "/healthz"])
def test_foreign_host(server, host, path):
    """DNS rebinding: a page of another name that resolves to this machine."""
    check_problem(server.rest.get(path, {"Host": host}), 403)


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "localhost:1", "[::1]:80", "LOCALHOST",
                                  "192.168.1.2:8025"])
def test_own_host(server, host):
    assert server.rest.get("/api/v1/messages", {"Host": host}).status == 200


def test_allowed_host(start):
    server = start("--allowed-host", "mail.test", "--allowed-host", "other.test")
    for host in ("mail.test", "other.test:80", "MAIL.test"):
        assert server.rest.get("/api/v1/messages", {"Host": host}).status == 200
    check_problem(server.rest.get("/api/v1/messages", {"Host": "evil.test"}), 403)


@pytest.mark.parametrize("origin", ["http://evil.test", "null", "http://127.0.0.1:1",
                                    "http://localhost.evil.test", "https://127.0.0.1"])
@pytest.mark.parametrize("method", ["GET", "DELETE", "OPTIONS"])
def test_foreign_origin(server, method, origin):
    message_id = server.deliver(b"Subject: still here\r\n\r\n")
    response = server.rest.request(method, f"/api/v1/messages/{message_id}", None,
                                   {"Origin": origin})
    check_problem(response, 403)
    assert response.headers["Access-Control-Allow-Origin"] is None
    assert server.rest.message(message_id)


def test_own_origin(server):
    host, port = server.http
    assert server.rest.get("/api/v1/messages", {"Origin": f"http://{host}:{port}"}).status == 200


def test_allowed_origin(start):
    server = start("--cors-origin", "https://app.test")
    origin = {"Origin": "https://app.test"}
    response = server.rest.get("/api/v1/messages", origin)
    assert response.status == 200
    assert response.headers["Access-Control-Allow-Origin"] == "https://app.test"
    preflight = server.rest.request("OPTIONS", "/api/v1/messages", None,
                                    origin | {"Access-Control-Request-Method": "DELETE"})
    assert preflight.status in (200, 204)
    assert preflight.headers["Access-Control-Allow-Origin"] == "https://app.test"
    assert "DELETE" in preflight.headers["Access-Control-Allow-Methods"]
    check_problem(server.rest.get("/api/v1/messages", {"Origin": "https://evil.test"}), 403)


# ---- bodies ----

@pytest.fixture
def patch(server):
    message_id = server.deliver(b"Subject: x\r\n\r\n")

    def send(body, content_type="application/json"):
        headers = {"Content-Type": content_type} if content_type else {}
        response = server.rest.request("PATCH", f"/api/v1/messages/{message_id}", body, headers)
        assert server.rest.message(message_id)["read"] is False
        return response
    return send


@pytest.mark.parametrize("content_type", [None, "text/plain", "application/x-www-form-urlencoded",
                                          "multipart/form-data; boundary=x", "application/jsonp"])
def test_wrong_content_type(patch, content_type):
    check_problem(patch(b'{"read": true}', content_type), 415)


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"null", b'{"read": true} x', b"\xff",
                                  b'{"read": true, "read": false}', b"[" * 100_000])
def test_body_that_is_no_object(patch, body):
    check_problem(patch(body), 400)


@pytest.mark.parametrize("body, field", [({"read": "yes"}, "read"), ({"read": None}, "read"),
                                         ({"raed": True}, "raed"), ({"pinned": 1}, "pinned")])
def test_bad_field(patch, body, field):
    check_problem(patch(json.dumps(body).encode()), 400, field)


def test_body_too_large(patch):
    check_problem(patch(b'{"read": true, "x": "' + b"x" * 20_000_000 + b'"}'), 413)


def test_a_refused_request_leaves_the_connection_or_the_server_alive(server):
    for _ in range(20):
        server.rest.request("DELETE", "/api/v1/messages", b"x" * 1000)
    assert server.rest.get("/healthz").status == 200
