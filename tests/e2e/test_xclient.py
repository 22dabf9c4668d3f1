"""XCLIENT: a proxy that is trusted says whom it speaks for, and nobody else may."""
import re
import subprocess

import pytest

from test_inboxes import get, make, messages_in
from wire import Session

RAW = b"Subject: by a proxy\r\n\r\n"


@pytest.fixture
def server(start):
    return start("--xclient-from", "192.0.2.0/24", "--xclient-from", "127.0.0.1")


def offered(session):
    return [line for line in session.command("EHLO proxy.test").lines if "XCLIENT" in line]


def speak_for(session, attributes):
    assert session.command("XCLIENT " + attributes).code == 220
    assert session.command("MAIL FROM:<a@b.test>").code == 503, "the session begins anew"
    assert session.command("EHLO client.test").code == 250


def client_of(server, message_id):
    message = server.rest.message(message_id)
    session = server.rest.get(f"/api/v1/sessions/{message['session_id']}").json()
    assert session["client"]["ip"] == message["client"]["ip"]
    assert session["username"] == message["client"]["username"]
    return session["client"] | {"username": session["username"], "inbox": message["inbox"]}


@pytest.mark.parametrize("options", [(), ("--xclient-from", "192.0.2.0/24"),
                                     ("--xclient-from", "unix")])
def test_it_is_not_for_everybody(start, options):
    server = start(*options)
    with server.session(hello=False) as session:
        assert not offered(session)
        assert session.command("XCLIENT ADDR=192.0.2.7").code == 550
        assert client_of(server, session.deliver(RAW))["ip"] == "127.0.0.1"


def test_whom_it_speaks_for(server):
    with server.session(hello=False) as session:
        assert offered(session) == ["XCLIENT NAME ADDR PORT PROTO HELO LOGIN DESTADDR DESTPORT"]
        own = client_of(server, session.deliver(RAW))
        speak_for(session, "ADDR=198.51.100.7 PORT=2525 NAME=client.test")
        first = client_of(server, session.deliver(RAW))
        speak_for(session, "ADDR=IPV6:2001:DB8:0::1 PORT=[UNAVAILABLE]")
        speak_for(session, "HELO=other.test")
        second = server.rest.message(session.deliver(RAW))
        speak_for(session, "ADDR=[UNAVAILABLE]")
        third = server.rest.message(session.deliver(RAW))
    assert own["ip"] == "127.0.0.1" and own["port"] > 0 and own["helo"] == "proxy.test"
    assert first["ip"] == "198.51.100.7" and first["port"] == 2525
    assert first["helo"] == "client.test"
    assert second["client"]["ip"] == "2001:db8::1"
    assert third["client"]["ip"] == "unknown"


def test_who_logged_in_there(server):
    """The inbox is that of the login, which the proxy has checked."""
    inbox = make(server)
    with server.session() as session:
        speak_for(session, f"LOGIN={inbox['name']} ADDR=198.51.100.7")
        assert session.command("AUTH PLAIN AGEAYg==").code == 503
        assert client_of(server, session.deliver(RAW))["username"] == inbox["name"]
        speak_for(session, "LOGIN=never-seen")
        assert client_of(server, session.deliver(RAW))["inbox"] == "never-seen"
        speak_for(session, "LOGIN=[UNAVAILABLE]")
        message = server.rest.message(session.deliver(RAW))
    assert message["inbox"] == "default" and message["client"]["username"] is None
    assert len(messages_in(server, inbox)) == 1
    assert get(server, "never-seen")["message_count"] == 1


def test_a_login_that_is_refused_changes_nothing(start):
    server = start("--xclient-from", "127.0.0.1", "--auto-create", "off")
    inbox = make(server)
    with server.session() as session:
        speak_for(session, f"LOGIN={inbox['name']} ADDR=198.51.100.7")
        assert session.command("XCLIENT LOGIN=nobody ADDR=198.51.100.8").code == 535
        client = client_of(server, session.deliver(RAW))
    assert (client["ip"], client["inbox"]) == ("198.51.100.7", inbox["name"])


def test_unix_sockets(start, tmp_path):
    path = tmp_path / "s"
    server = start("--smtp-listen", f"unix:{path}", "--xclient-from", "unix")
    with Session(path) as session:
        speak_for(session, "ADDR=198.51.100.7")
        assert client_of(server, session.deliver(RAW))["ip"] == "198.51.100.7"


def test_swaks(server, recipient):
    host, port = server.smtp
    output = subprocess.run(["swaks", "--server", f"{host}:{port}", "--from", "a@b.test", "--to",
                             recipient, "--xclient-addr", "198.51.100.9", "--xclient-login", "ann"],
                            check=True, timeout=60, capture_output=True, text=True).stdout
    assert re.search(r"XCLIENT .*ADDR=198", output)
    message = server.rest.sent_to(recipient)
    assert message["client"]["ip"] == "198.51.100.9" and message["inbox"] == "ann"
