"""Reading over REST: lists, a message and its views, deleting, and what reading must not do."""
import hashlib
import json

import pytest

MESSAGE = b"""\
Received: from one
Received: from two
From: "Shop" <app@shop.test>
To: a@example.test
Subject: =?utf-8?q?Gr=C3=BC=C3=9Fe?=
X-Folded: first
 second
Date: Mon, 23 Nov 2026 12:00:00 +0000
MIME-Version: 1.0
Content-Type: multipart/mixed; boundary="outer"

--outer
Content-Type: multipart/alternative; boundary="inner"

--inner
Content-Type: text/plain; charset=iso-8859-1
Content-Transfer-Encoding: quoted-printable

Gr=FC=DFe
--inner
Content-Type: text/html; charset=utf-8

<p>Hi<script>alert(1)</script></p>
--inner--
--outer
Content-Type: text/html; name="../../evil.html"
Content-Disposition: attachment; filename="../../evil.html"
Content-Transfer-Encoding: base64

PHNjcmlwdD5hbGVydCgxKTwvc2NyaXB0Pg==
--outer--
""".replace(b"\n", b"\r\n")

EVIL = b"<script>alert(1)</script>"


@pytest.fixture(scope="module")
def message(shared_server):
    return shared_server.deliver(MESSAGE, to=["a@example.test"])


@pytest.fixture
def view(server, message):
    def get(name="", headers=None, **query):
        return server.rest.get(f"/api/v1/messages/{message}{name}", headers, **query)
    return get


# ---- one message ----

def test_raw(view):
    response = view("/raw")
    assert response.body == MESSAGE
    assert response.content_type == "message/rfc822"
    assert response.headers["X-Content-Type-Options"] == "nosniff"


def test_raw_as_download(view):
    disposition = view("/raw", download="true").headers["Content-Disposition"]
    assert disposition.startswith("attachment") and ".eml" in disposition


@pytest.mark.parametrize("asked, status, start, end", [
    ("bytes=0-9", 206, 0, 10),
    ("bytes=10-", 206, 10, len(MESSAGE)),
    ("bytes=-5", 206, len(MESSAGE) - 5, len(MESSAGE)),
    ("bytes=0-99999999", 206, 0, len(MESSAGE)),
])
def test_range_of_raw(view, asked, status, start, end):
    response = view("/raw", {"Range": asked})
    assert response.status == status
    assert response.body == MESSAGE[start:end]
    assert response.headers["Content-Range"] == f"bytes {start}-{end - 1}/{len(MESSAGE)}"


@pytest.mark.parametrize("name, size", [("/raw", len(MESSAGE)), ("/parts/2", len(EVIL))])
def test_head_tells_what_get_would(view, server, message, name, size):
    path = f"/api/v1/messages/{message}{name}"
    for headers in ({}, {"Range": "bytes=0-3"}):
        head = server.rest.request("HEAD", path, None, headers)
        assert head.status == 200 and head.body == b""
        assert head.headers["Content-Length"] == str(size)
        assert head.headers["Accept-Ranges"] == "bytes"
        assert head.headers["ETag"] == view(name).headers["ETag"]
    etag = head.headers["ETag"]
    assert server.rest.request("HEAD", path, None, {"If-None-Match": etag}).status == 304


@pytest.mark.parametrize("name, whole", [("/raw", MESSAGE), ("/parts/2", EVIL)])
def test_range_if_it_is_still_the_same(view, name, whole):
    etag = view(name).headers["ETag"]
    for condition, status, body in ((etag, 206, whole[3:6]), ('"another"', 200, whole),
                                    ("W/" + etag, 200, whole)):
        response = view(name, {"Range": "bytes=3-5", "If-Range": condition})
        assert (response.status, response.body) == (status, body)
    both = view(name, {"Range": "bytes=3-5", "If-None-Match": f'"x", W/{etag}'})
    assert both.status == 304 and both.body == b""


def test_range_beyond_the_end(view):
    response = view("/raw", {"Range": "bytes=99999999-"})
    assert response.status == 416
    assert response.headers["Content-Range"] == f"bytes */{len(MESSAGE)}"


def test_range_of_nothing(server):
    empty = server.deliver(b"Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\n--b--\r\n")
    response = server.rest.request("GET", f"/api/v1/messages/{empty}/parts/1", None,
                                   {"Range": "bytes=0-9"})
    assert (response.status, response.body) == (200, b"")
    assert response.headers["Content-Length"] == "0"


@pytest.mark.parametrize("name", ["", "/raw", "/parts/2"])
def test_not_sent_again_when_unchanged(view, name):
    etag = view(name).headers["ETag"]
    assert view(name, {"If-None-Match": etag}).status == 304
    assert view(name, {"If-None-Match": '"another"'}).status == 200


def test_text_is_utf_8(view):
    response = view("/text")
    assert response.content_type == "text/plain"
    assert response.headers.get_content_charset() == "utf-8"
    assert response.body.decode().strip() == "Grüße"


def test_html_cannot_act_as_our_page(view):
    response = view("/html")
    assert response.content_type == "text/html"
    assert "<p>Hi" in response.body.decode()
    policy = response.headers["Content-Security-Policy"]
    assert "sandbox" in policy
    assert "allow-scripts" not in policy and "allow-same-origin" not in policy
    assert response.headers["X-Content-Type-Options"] == "nosniff"


@pytest.mark.parametrize("name, raw", [
    ("html", b"Subject: x\r\n\r\nonly text\r\n"),
    ("text", b"Content-Type: text/html\r\n\r\n<p>only html</p>\r\n"),
])
def test_no_such_view(server, name, raw):
    message_id = server.deliver(raw)
    assert server.rest.get(f"/api/v1/messages/{message_id}/{name}").status == 404


def test_headers_in_order_with_repeats(view):
    headers = view("/headers").json()
    assert [h["name"] for h in headers] == [
        "Received", "Received", "From", "To", "Subject", "X-Folded", "Date", "MIME-Version",
        "Content-Type"]
    assert [h["value"] for h in headers[:2]] == ["from one", "from two"]
    assert headers[4]["value"] == "Grüße"
    assert headers[4]["raw"] == "=?utf-8?q?Gr=C3=BC=C3=9Fe?="
    assert headers[5]["value"] == "first second"
    assert headers[5]["raw"] == "first\r\n second"


def test_parts_are_a_tree(view):
    root = view("/parts").json()
    assert root["content_type"] == "multipart/mixed"
    alternative, attachment = root["children"]
    assert alternative["content_type"] == "multipart/alternative"
    assert [(p["part"], p["content_type"]) for p in alternative["children"]] == [
        ("1.1", "text/plain"), ("1.2", "text/html")]
    assert alternative["children"][0]["charset"] == "iso-8859-1"
    assert attachment["part"] == "2"
    assert attachment["disposition"] == "attachment"
    assert attachment["size"] == len(EVIL)
    assert attachment["sha256"] == hashlib.sha256(EVIL).hexdigest()
    assert attachment["children"] == []


def test_a_part_is_decoded_and_harmless(view):
    response = view("/parts/2")
    assert response.body == EVIL
    assert response.content_type not in ("text/html", "application/xhtml+xml", "image/svg+xml")
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    disposition = response.headers["Content-Disposition"]
    assert disposition.startswith("attachment")
    assert "/" not in disposition.replace("utf-8''", "") and "\\" not in disposition


@pytest.mark.parametrize("part", ["3", "1.3", "2.1", "99999999999999999999"])
def test_no_such_part(view, part):
    assert view(f"/parts/{part}").status == 404


def test_header_injection_by_file_name(server):
    raw = (b"Content-Type: application/pdf; name*=utf-8''a%0D%0ASet-Cookie:%20x=1.pdf\r\n"
           b"Content-Disposition: attachment;\r\n filename*=utf-8''a%0D%0ASet-Cookie:%20x=1.pdf\r\n"
           b"\r\nx\r\n")
    message = server.rest.message(server.deliver(raw))
    [attachment] = message["attachments"]
    response = server.rest.get(f"/api/v1/messages/{message['id']}/parts/{attachment['part']}")
    assert response.status == 200
    assert response.headers["Set-Cookie"] is None


def test_reading_changes_nothing(server):
    message_id = server.deliver(MESSAGE)
    before = server.rest.message(message_id)
    assert before["read"] is False and before["pinned"] is False
    for name in ("", "/raw", "/text", "/html", "/headers", "/parts", "/parts/2"):
        assert server.rest.get(f"/api/v1/messages/{message_id}{name}").status == 200
    server.rest.messages()
    assert server.rest.message(message_id) == before


def test_what_no_parser_understands_is_there(server):
    message_id = server.deliver(b"\xff\xfe\0 nothing like mail \xff\r\n")
    message = server.rest.message(message_id)
    assert message["from"] == [] and message["to"] == [] and message["subject"] == ""


# ---- lists ----

@pytest.fixture
def ten(start):
    server = start()
    with server.session() as session:
        ids = [session.deliver(b"Subject: %d\r\n\r\n" % n) for n in range(10)]
    return server, ids


def ids_of(page):
    return [m["id"] for m in page["items"]]


def test_newest_first(ten):
    server, ids = ten
    page = server.rest.messages()
    assert ids_of(page) == ids[::-1]
    assert page["total"] == 10
    assert page["next"] is None


@pytest.mark.parametrize("direction, wanted", [("before", slice(None, None, -1)),
                                               ("after", slice(None))])
def test_page_by_page(ten, direction, wanted):
    server, ids = ten
    seen, page = [], server.rest.messages(limit=3, **({"after": 0} if direction == "after" else {}))
    while True:
        seen += ids_of(page)
        assert page["total"] == 10
        if page["next"] is None:
            break
        page = server.rest.messages(limit=3, **{direction: page["next"]})
    assert seen == ids[wanted]


def test_pages_are_stable_while_mail_arrives(ten):
    server, ids = ten
    first = server.rest.messages(limit=5)
    server.deliver(b"Subject: new\r\n\r\n")
    second = server.rest.messages(limit=5, before=first["next"])
    assert ids_of(first) + ids_of(second) == ids[::-1]


def test_of_an_inbox_by_id_and_by_name(ten):
    server, ids = ten
    [inbox] = server.rest.get("/api/v1/inboxes").json()["items"]
    assert inbox["name"] == "default"
    assert inbox["message_count"] == 10
    for name in (inbox["id"], "default", "DEFAULT"):
        page = server.rest.get(f"/api/v1/inboxes/{name}/messages").json()
        assert ids_of(page) == ids[::-1]
    assert server.rest.get("/api/v1/inboxes/another/messages").status == 404


def test_the_list_says_what_the_message_says(ten):
    server, ids = ten
    listed = server.rest.messages(limit=1)["items"][0]
    message = server.rest.message(ids[-1])
    assert listed == {key: message[key] for key in listed}


# ---- deleting ----

def test_delete_one(ten):
    server, ids = ten
    assert server.rest.delete(f"/api/v1/messages/{ids[3]}").status in (200, 204)
    assert server.rest.get(f"/api/v1/messages/{ids[3]}").status == 404
    assert server.rest.delete(f"/api/v1/messages/{ids[3]}").status == 404
    assert ids_of(server.rest.messages()) == [i for i in ids[::-1] if i != ids[3]]


def test_delete_all_needs_to_be_said(ten):
    server, ids = ten
    for query in ({}, {"all": "false"}, {"all": ""}):
        assert server.rest.delete("/api/v1/messages", **query).status == 400
    assert server.rest.messages()["total"] == 10
    response = server.rest.delete("/api/v1/messages", all="true")
    assert response.status == 200 and response.json() == {"deleted": 10}
    assert server.rest.messages() == {"items": [], "total": 0, "next": None}


def test_an_id_is_not_used_again(ten):
    server, ids = ten
    server.rest.delete("/api/v1/messages", all="true")
    assert server.deliver(b"Subject: new\r\n\r\n") > ids[-1]


def test_mark_as_read(ten):
    server, ids = ten
    path = f"/api/v1/messages/{ids[0]}"
    assert server.rest.send_json("PATCH", path, {"read": True}).status == 200
    assert server.rest.message(ids[0])["read"] is True
    [inbox] = server.rest.get("/api/v1/inboxes").json()["items"]
    assert inbox["unread_count"] == 9


# ---- the rest ----

def test_health(server):
    for path in ("/healthz", "/readyz"):
        assert server.rest.get(path).status == 200


def test_info(server):
    info = server.rest.get("/api/v1/info").json()
    assert info["version"]
    assert json.dumps(info).find(str(server.smtp[1])) > 0


def test_the_contract_is_served(server):
    assert b"openapi: 3.1" in server.rest.get("/api/v1/openapi.yaml").body


def test_the_page_is_served(server):
    response = server.rest.get("/")
    assert response.status == 200 and response.content_type == "text/html"
    assert "script-src" in response.headers["Content-Security-Policy"] or \
        "default-src" in response.headers["Content-Security-Policy"]
