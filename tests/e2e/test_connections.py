"""Many clients, slow clients, and clients that never go away."""
import threading

import pytest

from program import until
from wire import Session, end_sending, stored_id


def test_two_hundred_at_once(server, recipient):
    sessions = [server.session() for _ in range(200)]
    for n, session in enumerate(sessions):
        session.begin(to=[f"{n}-{recipient}"])
    for n, session in enumerate(sessions):
        session.send(b"Subject: %d\r\n\r\n%s\r\n.\r\n" % (n, b"x" * 1000))
    ids = [stored_id(session.reply()) for session in sessions]
    for session in sessions:
        session.close()
    assert len(set(ids)) == 200
    for n in (0, 100, 199):
        assert server.rest.message(ids[n])["subject"] == str(n)


def test_a_client_that_goes_away_leaves_nothing(start):
    server = start()
    for last in (b"MAIL FROM:<a@b.test>\r\nRCPT TO:<a@b.test>\r\nDATA\r\nSubject: half", b"EHLO x"):
        session = server.session()
        session.send(last)
        session.close()
    message_id = server.deliver(b"Subject: whole\r\n\r\n")
    assert [m["id"] for m in server.rest.messages()["items"]] == [message_id]


@pytest.mark.parametrize("last", [
    "NOOP\r\n", "MAIL FROM:<a@b.test>\r\n",
    "MAIL FROM:<a@b.test>\r\nRCPT TO:<c@d.test>\r\nDATA\r\nSubject: never ends",
], ids=["nothing", "envelope", "data"])
def test_idle_session_is_closed(start, last):
    """All is said at once: nobody else is to be taken for idle."""
    server = start("--idle-timeout", "1s")
    with server.session(hello=False) as session:
        session.send("EHLO client.test\r\n" + last)
        while (code := session.reply().code) != 421:
            assert code in (250, 354)
        assert session.is_closed()
    assert server.rest.messages()["total"] == 0


def test_busy_session_has_an_end_too(start):
    server = start("--session-timeout", "1s")
    with server.session() as session:
        assert until(lambda: session.command("NOOP").code == 421)


def greeting_code(server):
    with Session(server.smtp) as session:
        return session.greeting.code


def check_limit(server):
    with server.session(), server.session():
        with Session(server.smtp) as third:
            assert third.greeting.code == 421
            assert third.is_closed()
    assert until(lambda: greeting_code(server) == 220)


def test_too_many_connections(start):
    check_limit(start("--max-connections", "2"))


def test_too_many_connections_from_one_address(start):
    check_limit(start("--max-connections-per-ip", "2"))


def test_http_answers_while_smtp_is_full(start):
    server = start("--max-connections", "1")
    with server.session():
        assert server.rest.get("/healthz").status == 200


@pytest.mark.parametrize("count", [0, 1, 100_000])
def test_what_is_said_meanwhile_is_answered(start, count):
    """Though the client has closed its side by then, and has said more than is read at once."""
    server = start()
    plan = {"rules": [{"stage": "rset", "delay_ms": 300}]}
    assert server.rest.send_json("PUT", "/api/v1/faults", plan).status == 200
    with server.session() as session:
        session.send("RSET\r\n")
        threading.Thread(target=speak_and_end, args=(session, count)).start()
        assert session.replies(count + 1) == [250] * (count + 1)
        assert session.is_closed()


def speak_and_end(session, count):
    session.send("NOOP\r\n" * count)
    end_sending(session.socket)


def test_a_client_that_leaves_meanwhile_leaves_its_message(start):
    server = start()
    plan = {"rules": [{"stage": "data_end", "delay_ms": 300}]}
    assert server.rest.send_json("PUT", "/api/v1/faults", plan).status == 200
    with server.session() as session:
        session.begin()
        session.send("Subject: left\r\n.\r\n")
    assert server.rest.get("/api/v1/inboxes/default/wait?timeout=20").json()["items"]
