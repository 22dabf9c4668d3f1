"""Lists and events stay true while much happens."""
import contextlib
import smtplib
import socket
import threading


def send(program, count, tag):
    with smtplib.SMTP(*program.smtp) as client:
        for i in range(count):
            client.sendmail("a@b.test", ["c@d.test"], f"Subject: {tag}-{i}\r\n\r\nx\r\n".encode())


def all_before(program):
    """Ids of every page from the newest on."""
    seen, query = [], {}
    while True:
        page = program.rest.get("/api/v1/messages", limit=7, **query).json()
        seen += [message["id"] for message in page["items"]]
        if not page["next"]:
            return seen
        query = {"before": page["next"]}


def test_pages_stay_true_while_mail_arrives(start):
    program = start()
    send(program, 200, "old")
    old = set(all_before(program))
    senders = [threading.Thread(target=send, args=(program, 100, f"new-{k}")) for k in range(4)]
    for sender in senders:
        sender.start()
    for _ in range(3):
        seen = all_before(program)
        assert seen == sorted(set(seen), reverse=True)
        assert old <= set(seen)
    seen = []
    while any(sender.is_alive() for sender in senders) or len(seen) < 600:
        query = {"after": seen[-1] if seen else 0}
        page = program.rest.get("/api/v1/messages", limit=11, **query).json()
        seen += [message["id"] for message in page["items"]]
    assert seen == sorted(set(seen)) and len(seen) == 600


def stalled_stream(program):
    stream = socket.socket()
    stream.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    stream.settimeout(30)
    stream.connect(program.http)
    stream.sendall(b"GET /api/v1/events HTTP/1.1\r\nHost: localhost\r\n\r\n")
    return stream


def mark_all(program, times):
    for i in range(times):
        done = program.rest.send_json("PATCH", "/api/v1/messages",
                                      {"all": True, "set": {"read": i % 2 == 0}})
        assert done.json()["changed"] == 500


def test_who_does_not_read_events_is_reset(start):
    """Nobody else is slowed, and the one who reads on at last is told that news was lost."""
    program = start()
    send(program, 500, "x")
    with contextlib.ExitStack() as stack:
        streams = [stack.enter_context(stalled_stream(program)) for _ in range(50)]
        mark_all(program, 16)  # more than the server keeps, and the sockets besides
        told = b""
        while b"event: reset" not in told:
            data = streams[0].recv(65536)
            assert data, "the stream ended without a reset"
            told = told[-64:] + data
