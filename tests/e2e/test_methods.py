"""Every path of the document: what OPTIONS says is what can be done there, HEAD is GET without its
body, and what cannot be done is 405."""
import pathlib

import pytest
import yaml

ROOT = pathlib.Path(__file__).resolve().parents[2]
PATHS = yaml.safe_load((ROOT / "web" / "openapi.yaml").read_text())["paths"]
METHODS = ("GET", "PUT", "POST", "PATCH", "DELETE")
MAIL = (b"Subject: Methods\r\nMIME-Version: 1.0\r\nContent-Type: multipart/alternative; "
        b"boundary=b\r\n\r\n--b\r\n\r\nHello.\r\n--b\r\nContent-Type: text/html\r\n\r\n"
        b"<p>Hello.</p>\r\n--b--\r\n")
WAITING = {"/api/v1/inboxes/{inbox}/wait": "?timeout=0"}


@pytest.fixture(scope="module")
def names(shared_server):
    """What the paths' parameters stand for, of things that are there."""
    with shared_server.session() as session:
        message_id = session.deliver(MAIL)
        session.command("QUIT")
    session_id = shared_server.rest.message(message_id)["session_id"]
    return {"/messages/": {"id": message_id, "part": "1"}, "/sessions/": {"id": session_id},
            "/inboxes/": {"inbox": "default"}, "": {}}


def there(path, names):
    values = next(value for part, value in names.items() if part in path)
    return path.format(**values) + WAITING.get(path, "")


def known(path):
    methods = {method for method in METHODS if method.lower() in PATHS[path]}
    return methods | {"OPTIONS"} | ({"HEAD"} if "GET" in methods else set())


def allowed(response):
    return set(response.headers["Allow"].split(", "))


@pytest.mark.parametrize("path", PATHS)
def test_options(server, names, path):
    answer = server.rest.request("OPTIONS", there(path, names).split("?")[0])
    assert (answer.status, answer.body) == (204, b"")
    assert allowed(answer) >= known(path)


@pytest.mark.parametrize("path", PATHS)
def test_what_cannot_be_done_is_405(server, names, path):
    options = server.rest.request("OPTIONS", there(path, names).split("?")[0])
    for method in set(METHODS) - allowed(options):
        answer = server.rest.request(method, there(path, names).split("?")[0])
        assert answer.status == 405, (method, answer)
        assert answer.content_type == "application/problem+json"
        assert allowed(answer) == allowed(options)


@pytest.mark.parametrize("path", [path for path in PATHS
                                  if "get" in PATHS[path] and path != "/api/v1/events"])
def test_head(server, names, path):
    where = there(path, names)
    of_get, of_head = server.rest.get(where), server.rest.request("HEAD", where)
    assert (of_head.status, of_head.body) == (of_get.status, b"")
    assert of_get.status in (200, 408)
    for name in ("Content-Type", "ETag", "Content-Security-Policy", "Accept-Ranges", "Vary"):
        assert of_head.headers[name] == of_get.headers[name], name
