"""Stopping in order: every session is told, nothing acknowledged is lost, the exit code is 0."""
import signal

import pytest

from wire import stored_id


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_open_sessions_are_told(start, number):
    server = start()
    greeted, in_transaction, in_data = (server.session() for _ in range(3))
    assert in_transaction.command("MAIL FROM:<a@b.test>").code == 250
    in_data.begin()
    in_data.send(b"Subject: half a mess")
    server.send_signal(number)
    for session in (greeted, in_transaction, in_data):
        with session:
            reply = session.reply()
            assert reply.code == 421 and reply.text.startswith("4.3.2 ")
            assert session.is_closed()
    assert server.wait() == 0


def test_stops_though_clients_do_not_go(start):
    server = start()
    with server.session(), server.session(), server.rest.events():
        server.send_signal(signal.SIGTERM)
        assert server.wait() == 0


def test_a_second_signal_ends_it_at_once(start):
    """The first one waits a moment for a client that was told to go and does not."""
    server = start()
    with server.session() as session:
        server.send_signal(signal.SIGTERM)
        assert session.reply().code == 421
        server.send_signal(signal.SIGTERM)
        assert server.wait() == -signal.SIGTERM


def test_a_message_on_its_way_is_stored_or_not_acknowledged(start):
    server, acknowledged = start(), []
    sessions = [server.session() for _ in range(20)]
    raws = [b"Subject: %d\r\n\r\n%s\r\n" % (n, b"x" * 100_000) for n in range(len(sessions))]
    for session in sessions:
        session.begin()
    for session, raw in zip(sessions, raws):
        session.send(raw + b".\r\n")
    server.send_signal(signal.SIGTERM)
    for session, raw in zip(sessions, raws):
        with session:
            reply = session.reply()
            if reply.code == 250:
                acknowledged.append((stored_id(reply), raw))
            else:
                assert reply.code == 421, reply
    assert server.wait() == 0
    again = start()
    for message_id, raw in acknowledged:
        assert again.rest.raw(message_id) == raw
    assert again.rest.messages()["total"] == len(acknowledged)


def test_what_was_stored_is_there_after_a_restart(start):
    first = start()
    raw = b"Subject: kept\r\n\r\nbody\r\n"
    message_id = first.deliver(raw)
    before = first.rest.message(message_id)
    first.stop()
    second = start()
    assert second.rest.raw(message_id) == raw
    assert second.rest.message(message_id) == before
    assert second.deliver(raw) > message_id


def test_memory_database_keeps_nothing(start):
    first = start(db=":memory:")
    first.deliver(b"Subject: x\r\n\r\n")
    first.stop()
    assert start(db=":memory:").rest.messages()["total"] == 0
