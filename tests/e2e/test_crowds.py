"""More clients than there is room for: each is told so, and others are served meanwhile."""
import contextlib
import select
import socket

import pytest

from program import until
from test_rest_errors import check_problem

WAIT = b"GET /api/v1/inboxes/default/wait?timeout=60 HTTP/1.1\r\nHost: localhost\r\n\r\n"
EVENTS = b"GET /api/v1/events HTTP/1.1\r\nHost: localhost\r\n\r\n"


@pytest.fixture
def crowd():
    """crowd(program, count, octets): connections that say so, from an address of their own each."""
    with contextlib.ExitStack() as stack:
        def gather(program, count, octets, address="127.0.7.{}"):
            members = []
            for number in range(count):
                member = stack.enter_context(socket.create_connection(
                    program.http, 30, (address.format(1 + number), 0)))
                member.sendall(octets)
                members.append(member)
            return members

        yield gather


def answer(member):
    octets = b""
    while piece := member.recv(65536):
        octets += piece
    return octets


def is_told(member, text):
    octets = b""
    while text not in octets and (piece := member.recv(65536)):
        octets += piece
    return text in octets


def waiting(program):
    text = program.rest.get("/metrics").body.decode()
    line = next(line for line in text.splitlines() if line.startswith("mailstop_waits"))
    return int(line.split()[-1])


def test_waiters_leave_room_for_others(start, crowd):
    """Of 20 connections 16 may wait. The others are told, and make room."""
    program = start("--max-connections", "20")
    waiters = crowd(program, 16, WAIT)
    until(lambda: waiting(program) == 16)
    [late] = crowd(program, 1, WAIT, "127.0.8.1")
    told = answer(late)
    assert told.startswith(b"HTTP/1.1 503"), told
    assert b"Connection: close" in told and b"Retry-After: 5" in told
    assert b"application/problem+json" in told and b"too many requests that wait" in told
    for member in crowd(program, 30, WAIT, "127.0.9.{}"):
        assert b"There are too many" in answer(member)
    sent = program.deliver(b"Subject: for all\r\n\r\n")
    for member in waiters:
        assert is_told(member, b'"cursor":%d' % sent)
    until(lambda: waiting(program) == 0)


def test_event_streams_leave_room_for_others(start, crowd):
    program = start("--max-connections", "20")
    streams = crowd(program, 3, EVENTS)
    assert all(member.recv(12) == b"HTTP/1.1 200" for member in streams)
    [late] = crowd(program, 1, EVENTS, "127.0.8.1")
    assert b"too many event streams" in answer(late)
    assert program.rest.get("/healthz").status == 200


def refusal(program):
    answer = program.rest.get("/healthz")
    return answer if answer.status != 200 else None


def test_too_many_connections(start, crowd):
    program = start("--max-connections", "20")
    members = crowd(program, 20, b"")
    refused = until(lambda: refusal(program))
    check_problem(refused, 503)
    assert "--max-connections" in refused.json()["detail"]
    members[0].close()
    until(lambda: program.rest.get("/healthz").status == 200)


def test_too_many_connections_of_one_address(start, crowd):
    program = start("--max-connections-per-ip", "18")
    members = crowd(program, 18, b"", "127.0.0.1")
    refused = until(lambda: refusal(program))
    check_problem(refused, 503)
    assert "--max-connections-per-ip" in refused.json()["detail"]
    [other] = crowd(program, 1, b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n")
    assert other.recv(12) == b"HTTP/1.1 200"
    members[0].close()
    until(lambda: program.rest.get("/healthz").status == 200)


def test_who_is_refused_and_stays_is_closed_at_last(start, crowd):
    """A hundred may be about to hear that they are too many; more are closed at once."""
    program = start("--max-connections-per-ip", "18")
    members = crowd(program, 18 + 100 + 5, b"", "127.0.0.1")
    closed = set()
    while len(closed) < 5:
        ready, _, _ = select.select(set(members) - closed, [], [], 30)
        assert ready and all(member.recv(1) == b"" for member in ready)
        closed.update(ready)
    [other] = crowd(program, 1, b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n")
    assert other.recv(12) == b"HTTP/1.1 200"
