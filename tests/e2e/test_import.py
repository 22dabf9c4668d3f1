"""POST of messages: raw ones, byte for byte, and composed ones."""
import base64
import email
import email.policy
import json

import pytest

from test_inboxes import make

RAW = (b"From: App <app@shop.test>\r\nTo: ann@b.test, bob@b.test\r\nCc: cat@b.test\r\n"
       b"Subject: raw\r\nDate: Mon, 24 Nov 2025 16:00:00 +0000\r\nMessage-ID: <1@shop.test>\r\n\r\n"
       b"Hello\r\n.\r\n..dots\r\nbare\nlf \0 nul\r\nno end")
MESSAGE = {"Content-Type": "message/rfc822"}


@pytest.fixture
def box(server):
    inbox = make(server)
    inbox["path"] = f"/api/v1/inboxes/{inbox['name']}/messages"
    return inbox


def post_raw(server, path, raw, **query):
    connection, response = server.rest.open("POST", path, raw, MESSAGE, **query)
    body = response.read()
    connection.close()
    return response.status, response.headers, json.loads(body)


def test_raw_is_stored_byte_for_byte(server, box):
    status, headers, message = post_raw(server, box["path"], RAW)
    assert status == 201
    assert headers["Location"] == f"/api/v1/messages/{message['id']}"
    assert server.rest.raw(message["id"]) == RAW
    assert message == server.rest.message(message["id"])
    assert message["inbox"] == box["name"] and message["size"] == len(RAW)
    assert message["envelope"]["from"] == "app@shop.test"
    assert message["envelope"]["to"] == ["ann@b.test", "bob@b.test", "cat@b.test"]
    assert message["session_id"] is None and message["client"]["ip"] == "127.0.0.1"
    details = {w["code"]: w["detail"] for w in message["warnings"]}
    assert {"bare-lf", "nul", "no-final-crlf"} <= details.keys()
    assert details["bare-lf"].endswith("(line 11)")


def test_the_envelope_may_differ(server, box):
    _, _, message = post_raw(server, box["path"], RAW, **{"from": "", "to": "x@b.test, grüße@b.test"})
    assert message["envelope"]["from"] == ""
    assert message["envelope"]["to"] == ["x@b.test", "grüße@b.test"]
    assert message["envelope"]["smtputf8"] is True
    assert [a["address"] for a in message["bcc"]] == ["x@b.test", "grüße@b.test"]


def test_who_waits_hears_of_it(server, box):
    with server.rest.events() as events:
        _, _, message = post_raw(server, box["path"], RAW)
        assert events.next("message.created").data["id"] == message["id"]
    answer = server.rest.get(f"/api/v1/inboxes/{box['name']}/wait", query="subject:raw")
    assert answer.json()["items"][0]["id"] == message["id"]


def test_a_large_one(start):
    server = start("--max-message-size", "5M")
    raw = b"Subject: large\r\nTo: a@b.test\r\n\r\n" + b"x" * 76 + b"\r\n"
    raw += (b"y" * 98 + b"\r\n") * 50_000
    status, _, message = post_raw(server, "/api/v1/inboxes/default/messages", raw)
    assert status == 201 and server.rest.raw(message["id"]) == raw
    status, _, problem = post_raw(server, "/api/v1/inboxes/default/messages", raw + b"z" * (1 << 20))
    assert status == 413 and "5242880" in problem["detail"]


def test_a_large_one_without_a_length(start):
    server = start("--max-message-size", "1M")
    connection, response = server.rest.open(
        "POST", "/api/v1/inboxes/default/messages", iter([b"x" * 100_000] * 20), MESSAGE)
    assert response.status == 413
    connection.close()


def compose(server, box, **fields):
    return server.rest.send_json("POST", box["path"], fields)


def test_composed(server, box):
    pdf = bytes(range(256)) * 40
    response = compose(
        server, box, **{"from": {"name": "Zoë", "address": "zoe@shop.test"}},
        to=["ann@b.test", {"name": "Bob", "address": "bob@b.test"}], cc="cat@b.test",
        bcc="dan@b.test", reply_to="re@shop.test", subject="Grüße", text="Hallo\nWelt\n",
        html='<p>Hallo <img src="cid:logo"></p>', headers={"X-Tenant": "42", "Date": "Mon, 24 Nov 2025 16:00:00 +0000"},
        attachments=[{"filename": "Rechnung März.pdf", "content_type": "application/pdf",
                      "content": base64.b64encode(pdf).decode()},
                     {"filename": "logo.png", "content_type": "image/png", "content_id": "logo",
                      "inline": True, "content": base64.b64encode(b"png").decode()}])
    assert response.status == 201, response
    message = response.json()
    assert message["from"] == [{"name": "Zoë", "address": "zoe@shop.test"}]
    assert message["subject"] == "Grüße" and message["preview"].startswith("Hallo Welt")
    assert message["envelope"]["to"] == ["ann@b.test", "bob@b.test", "cat@b.test", "dan@b.test"]
    assert [a["address"] for a in message["bcc"]] == ["dan@b.test"]
    assert [a["filename"] for a in message["attachments"]] == ["logo.png", "Rechnung März.pdf"]
    assert message["warnings"] == []
    raw = server.rest.raw(message["id"])
    assert b"dan@b.test" not in raw
    assert not set(raw.replace(b"\r\n", b"")) & set(b"\r\n")
    parsed = email.message_from_bytes(raw, policy=email.policy.default)
    assert parsed["X-Tenant"] == "42" and parsed["Reply-To"] == "re@shop.test"
    assert parsed.get_body(("plain",)).get_content().splitlines() == ["Hallo", "Welt"]
    assert [p.get_content() for p in parsed.iter_attachments()] == [pdf]


@pytest.mark.parametrize("fields", [{"text": "x"}, {"html": "<p>x</p>"}, {}])
def test_composed_of_little(server, box, fields):
    response = compose(server, box, **{"from": "a@b.test"}, to="c@d.test", **fields)
    assert response.status == 201, response
    message = response.json()
    assert message["has_html"] == ("html" in fields) and message["warnings"] == []


@pytest.mark.parametrize("fields, field", [
    ({"from": "nobody"[:0]}, "from"), ({"from": 7}, "from"), ({"from": ["a@b.test", "c d"]}, "from"),
    ({"from": {"name": "x"}}, "from"), ({"from": {"address": "a@b.test", "x": 1}}, "from"),
    ({"from": {"name": "a\r\nX: y", "address": "a@b.test"}}, "from"),
    ({"to": None}, "to"), ({"subject": "a\r\nBcc: eve@b.test"}, "subject"),
    ({"headers": {"Bcc": "eve@b.test"}}, "headers"), ({"headers": {"X": "a\nb"}}, "headers"),
    ({"headers": {"Content-Type": "text/plain"}}, "headers"), ({"headers": []}, "headers"),
    ({"headers": {"a b": "c"}}, "headers"), ({"attachments": [{}]}, "attachments"),
    ({"attachments": [{"content": "!"}]}, "attachments"),
    ({"attachments": [{"content": "", "size": 1}]}, "attachments"),
    ({"attachments": [{"content": "", "content_type": "pdf"}]}, "attachments"),
    ({"attachments": [{"content": "", "content_type": "/"}]}, "attachments"),
    ({"attachments": [{"content": "", "filename": "a\nb"}]}, "attachments"),
    ({"body": "x"}, "body")])
def test_nonsense_is_not_composed(server, box, fields, field):
    response = compose(server, box, **{"from": "a@b.test", "to": "c@d.test", **fields})
    assert response.status == 400, response
    assert response.json()["errors"][0]["field"] == field
    assert server.rest.get(box["path"]).json()["total"] == 0


def test_to_nobody(server, box):
    status, _, problem = post_raw(server, box["path"], b"Subject: x\r\n\r\n")
    assert status == 400 and problem["errors"][0]["field"] == "to"
    status, _, problem = post_raw(server, box["path"], b"", to="a b")
    assert status == 400
    status, _, message = post_raw(server, box["path"], b"", to="a@b.test")
    assert status == 201 and server.rest.raw(message["id"]) == b""


def test_no_recipient_is_left_out(start):
    """As many as by SMTP; more are refused, and none is dropped in silence."""
    server = start("--max-recipients", "3")
    path = "/api/v1/inboxes/default/messages"
    raw = b"To: %s\r\nSubject: x\r\n\r\n" % b", ".join(b"a%d@b.test" % n for n in range(4))
    status, _, problem = post_raw(server, path, raw)
    assert status == 400 and "--max-recipients" in problem["errors"][0]["detail"]
    status, _, message = post_raw(server, path, raw, to="a1@b.test,a2@b.test,a3@b.test")
    assert status == 201 and len(message["envelope"]["to"]) == 3
    response = server.rest.send_json("POST", path, {
        "from": "a@b.test", "to": ["a1@b.test", "a2@b.test"], "bcc": ["a3@b.test", "a4@b.test"]})
    assert response.status == 400
    assert server.rest.messages()["total"] == 1


def test_other_types(server, box):
    response = server.rest.request("POST", box["path"], "x", {"Content-Type": "text/plain"})
    assert response.status == 415 and "message/rfc822" in response.json()["detail"]
    assert server.rest.request("POST", "/api/v1/inboxes/nobody/messages", RAW, MESSAGE).status == 404
