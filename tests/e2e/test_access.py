"""Who may call: people by Basic login, the administrator's token, and the token of each inbox."""
import base64
import json
import os
import re

import pytest

from program import run, until
from rest import Events
from test_command_line import check_refusal

TOKEN = "administrators-token-0123456789"
# What `htpasswd -B` makes of "secret" and "geheim", at the lowest cost.
ANN = "ann:$2y$04$ERjZ6nWErFsq1OlixHLU8OTF46T3qX/M6ictLmEA.RpU3OsBEdsD."
BOB = "bob:$2y$04$ERjZ6nWErFsq1OlixHLU8OTF46T3qX/M6ictLmEA.RpU3OsBEdsD."


def bearer(token):
    return {"Authorization": f"Bearer {token}"}


def basic(name, password):
    return {"Authorization": "Basic " + base64.b64encode(f"{name}:{password}".encode()).decode()}


@pytest.fixture
def people(tmp_path):
    file = tmp_path / "people"
    file.write_text(f"# who may look\n{ANN}\n")
    return file


def status(server, headers=None, path="/api/v1/info"):
    return server.rest.get(path, headers).status


def test_token_of_the_administrator(start):
    server = start(env={"MAILSTOP_API_TOKEN": TOKEN})
    response = server.rest.get("/api/v1/messages")
    assert response.status == 401 and response.content_type == "application/problem+json"
    assert response.headers["WWW-Authenticate"].startswith("Basic ")
    assert status(server, bearer(TOKEN)) == 200
    assert status(server, basic("anybody", TOKEN)) == 200
    assert status(server, bearer(TOKEN + "x")) == status(server, basic(TOKEN, "")) == 401
    for path in ("/healthz", "/readyz", "/ca.pem"):
        assert status(server, path=path) == 200
    for path in ("/", "/index.html", "/api/v1/openapi.yaml", "/nothing"):
        assert status(server, path=path) == 401
        assert status(server, bearer(TOKEN), path) in (200, 404)


def test_people(start, people):
    server = start("--auth-file", people)
    assert status(server) == 401
    for _ in range(3):
        assert status(server, basic("ann", "secret")) == 200
    for name, password in (("ann", "Secret"), ("bob", "secret"), ("", ""), ("ann", "")):
        assert status(server, basic(name, password)) == 401
    assert "text/html" in server.rest.get("/", basic("ann", "secret")).headers["Content-Type"]


def test_people_come_and_go(start, people):
    """The file is read anew when it changes; one that is no such file changes nothing."""
    server = start("--auth-file", people)
    assert status(server, basic("ann", "secret")) == 200
    people.write_text(BOB + "\n")
    os.utime(people, ns=(1, 1))
    assert status(server, basic("ann", "secret")) == 401
    assert status(server, basic("bob", "secret")) == 200
    server.expect_error("who may log in stays as it was")
    people.write_text("bob:secret\n")
    os.utime(people, ns=(2, 2))
    assert status(server, basic("bob", "secret")) == 200
    assert status(server, basic("bob", "secret")) == 200
    server.await_log("who may log in stays as it was")
    assert len(re.findall("who may log in stays as it was", server.log())) == 1
    people.unlink()
    assert status(server, basic("bob", "secret")) == 200
    people.write_text(ANN + "\n")
    os.utime(people, ns=(3, 3))
    assert status(server, basic("ann", "secret")) == 200
    assert status(server, basic("bob", "secret")) == 401


@pytest.mark.parametrize("text, words", [(None, ["No such file"]), ("ann:secret", ["line 1"])])
def test_no_start_without_people(tmp_path, text, words):
    file = tmp_path / "people"
    if text:
        file.write_text(text)
    check_refusal(run(tmp_path, "--smtp-listen", "127.0.0.1:0", "--http-listen", "127.0.0.1:0",
                      "--auth-file", file), 1, "--auth-file", str(file), *words)


@pytest.mark.parametrize("token", ["short", "with blanks in it, many", "x" * 256])
def test_a_bad_token_is_refused_and_not_shown(tmp_path, token):
    line = check_refusal(run(tmp_path, "--api-token", token), 2, "--api-token")
    assert token not in line


def test_tokens_of_inboxes(start):
    server = start("--api-token", TOKEN)
    rest = server.rest

    def make(name):
        response = rest.request("POST", "/api/v1/inboxes", '{"name": "%s"}' % name,
                                bearer(TOKEN) | {"Content-Type": "application/json"})
        assert response.status == 201
        return response.json()
    mine, other = make("mine"), make("other")
    token = bearer(mine["api_token"])
    assert rest.get("/api/v1/inboxes/mine", token).json() == mine
    assert [i["name"] for i in rest.get("/api/v1/inboxes", token).json()["items"]] == ["mine"]
    for path in ("/api/v1/inboxes/other", f"/api/v1/inboxes/{other['id']}/messages",
                 "/api/v1/inboxes/nobody", "/api/v1/info"):
        assert status(server, token, path) == 404
    renewed = rest.request("POST", "/api/v1/inboxes/mine/credentials", None, token).json()
    assert status(server, token, "/api/v1/messages") == 401
    assert status(server, bearer(renewed["api_token"]), "/api/v1/messages") == 200


def refused_for_a_guess(server):
    """What the right token gets behind a guess that was one too many, unless that is forgotten."""
    if status(server, bearer("guess")) == 429:
        response = server.rest.get("/api/v1/info", bearer(TOKEN))
        return response if response.status == 429 else None
    return None


def test_guessing_is_slowed(start):
    server = start("--api-token", TOKEN)
    assert [status(server, bearer("guess")) for _ in range(20)] == [401] * 20
    response = until(lambda: refused_for_a_guess(server))
    assert int(response.headers["Retry-After"]) >= 1
    assert status(server, path="/healthz") == 200
    until(lambda: status(server, bearer(TOKEN)) == 200)


def test_a_token_behind_an_open_door(server):
    """Where everybody may call, what a token is for still holds."""
    inbox = server.rest.send_json("POST", "/api/v1/inboxes", {}).json()
    token = bearer(inbox["api_token"])
    assert server.rest.get("/api/v1/messages", token).json()["total"] == 0
    message_id = server.deliver(b"Subject: x\r\n\r\n")
    assert status(server, token, f"/api/v1/messages/{message_id}") == 404
    assert status(server, None, f"/api/v1/messages/{message_id}") == 200


def test_a_session_shows_nothing_of_other_inboxes(start):
    """One session may bring mail to many inboxes: each token sees its own part of it."""
    server = start("--api-token", TOKEN)
    inboxes = {}
    for name in ("one", "two"):
        made = server.rest.request("POST", "/api/v1/inboxes", json.dumps(
            {"name": name, "recipients": [f"*@{name}.test"]}),
            {"Content-Type": "application/json"} | bearer(TOKEN))
        inboxes[name] = made.json()
    own = bearer(inboxes["two"]["api_token"])
    with Events(server.rest, own) as events:
        with server.session() as session:
            first, theirs, last = (
                session.deliver(b"Subject: x\r\n\r\n", to=[f"ann@{name}.test"])
                for name in ("two", "one", "two"))
            session.command("QUIT")
        told = events.next("session.closed").data
    listed = server.rest.get("/api/v1/sessions", own).json()["items"][0]
    shown = server.rest.get(f"/api/v1/sessions/{told['id']}", own).json()
    of_message = server.rest.get(f"/api/v1/messages/{last}/transcript", own).json()
    for view in (told, listed, shown, of_message):
        assert (view["messages"], view["message_count"]) == ([first, last], 2)
        assert "one.test" not in json.dumps(view)
    data = [entry["message_id"] for entry in shown["entries"] if "data_bytes" in entry]
    assert data == [first, last] and shown["truncated"] is True
    assert shown["entries"][-1]["text"].startswith("221")
    everything = server.rest.get(f"/api/v1/sessions/{told['id']}", bearer(TOKEN)).json()
    assert everything["messages"] == [first, theirs, last] and everything["truncated"] is False
