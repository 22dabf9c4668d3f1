"""Behind a proxy, below a path of its own (--base-path), which the proxy takes off or does not."""
import re

import pytest

from program import run

MAIL = b"Subject: Below\r\n\r\nHello.\r\n"
PREFIXES = ("", "/mail/box")  # as a proxy sends it on that takes the path off; that does not


@pytest.fixture
def program(start):
    return start("--base-path", "/mail/box/")


@pytest.mark.parametrize("prefix", PREFIXES)
def test_the_api(program, prefix):
    message_id = program.deliver(MAIL)
    assert program.rest.get(f"{prefix}/api/v1/messages/{message_id}").json()["subject"] == "Below"
    assert program.rest.get(f"{prefix}/healthz").status == 200
    made = program.rest.send_json("POST", f"{prefix}/api/v1/inboxes", {"name": "below"})
    location = made.headers["Location"]
    assert location == f"/mail/box/api/v1/inboxes/{made.json()['id']}"
    assert program.rest.get(location).status == 200


@pytest.mark.parametrize("prefix", PREFIXES)
@pytest.mark.parametrize("path", ["/", "/index.html", "/messages/1"])
def test_the_page_looks_below_the_path(program, prefix, path):
    page = program.rest.get(prefix + path, {"Accept": "text/html"})
    assert re.findall(rb"<base [^>]*>", page.body) == [b'<base href="/mail/box/">']
    assert program.rest.get(prefix + "/app.js").content_type == "text/javascript"
    again = program.rest.get(prefix + path, {"Accept": "text/html",
                                             "If-None-Match": page.headers["ETag"]})
    assert again.status == 304


def test_the_path_itself_is_the_page(program):
    page = program.rest.get("/mail/box", {"Accept": "text/html"})
    assert page.status == 200 and b'<base href="/mail/box/">' in page.body


def test_what_only_begins_so_is_not_below(program):
    assert program.rest.get("/mail/boxapi/v1/messages").status == 404
    assert program.rest.get("/mail/api/v1/messages").status == 404


def test_pictures_may_come_from_below(program):
    message_id = program.deliver(b"Content-Type: text/html\r\n\r\n<p>Hello.\r\n")
    policy = program.rest.get(f"/api/v1/messages/{message_id}/html").headers[
        "Content-Security-Policy"]
    assert f"/mail/box/api/v1/messages/{message_id}/parts/" in policy


@pytest.mark.parametrize("path", ["mail", "//", "/a//b", "/a b", "/a?b", '/"', "/..", "/a/../b",
                                  "/api", "/api/v1", "/" + "a" * 255])
def test_no_base_path(tmp_path, path):
    done = run(tmp_path, "--base-path", path)
    assert done.returncode == 2 and "base-path" in done.stderr
