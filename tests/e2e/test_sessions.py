"""What was said in every session is kept, whatever became of it, and shows no secret."""
import base64
import re
import signal
import socket

import pytest

from program import until
from wire import Session, stored_id

RAW = b"Subject: x\r\n\r\nHello\r\n"
TLS = ("--starttls", "--smtps-listen", "127.0.0.1:0")


# ---- what the API says ----

def listed(server, **query):
    response = server.rest.get("/api/v1/sessions", **query)
    assert response.status == 200, response
    return response.json()["items"]


def ended(server, **query):
    """The newest session that is over, once there is one."""
    return until(lambda: [s for s in listed(server, **query) if s["ended_at"]])[0]


def session_of(server, session_id):
    response = server.rest.get(f"/api/v1/sessions/{session_id}")
    assert response.status == 200, response
    return response.json()


def transcript_of(server, message_id):
    response = server.rest.get(f"/api/v1/messages/{message_id}/transcript")
    assert response.status == 200, response
    return response.json()


def said(transcript):
    """Short, and without what changes from run to run."""
    marks = {"client": "C", "server": "S", "mailstop": "N"}
    lines = [f"D: {e['data_bytes']}" if "data_bytes" in e else f"{marks[e['from']]}: {e['text']}"
             for e in transcript["entries"]]
    return [line for line in lines if not re.match(r"S: 250[- ]", line)]


def whole(server, **query):
    return session_of(server, ended(server, **query)["id"])


# ---- what is recorded ----

def test_everything_is_told(start):
    server = start()
    with server.session(hello=False) as session:
        port = session.socket.getsockname()[1]
        session.command("EHLO client.test")
        message_id = session.deliver(RAW)
        farewell = session.command("QUIT")
    s = whole(server)
    assert said(s) == [
        f"S: 220 {session.greeting.text}", "C: EHLO client.test",
        "C: MAIL FROM:<app@shop.test>", "C: RCPT TO:<someone@example.test>", "C: DATA",
        "S: 354 End data with <CR><LF>.<CR><LF>", f"D: {len(RAW)}", "C: QUIT", f"S: 221 {farewell.text}"]
    assert s["outcome"] == "quit" and not s["truncated"] and s["warnings"] == []
    assert s["client"] == {"ip": "127.0.0.1", "port": port, "helo": "client.test"}
    assert (s["tls"], s["username"], s["inbox"]) == (None, None, "default")
    assert (s["messages"], s["message_count"]) == ([message_id], 1)
    assert s["started_at"] <= server.rest.message(message_id)["received_at"] <= s["ended_at"]
    assert s["bytes_in"] == sum(map(len, (
        b"EHLO client.test\r\n", b"MAIL FROM:<app@shop.test>\r\n",
        b"RCPT TO:<someone@example.test>\r\n", b"DATA\r\n", RAW, b".\r\n", b"QUIT\r\n")))
    assert s["bytes_out"] == sum(len(e["text"]) + 2 for e in s["entries"]
                                 if e["from"] == "server")
    assert server.rest.message(message_id)["session_id"] == s["id"]
    times = [e["at_ms"] for e in s["entries"]]
    assert times == sorted(times) and times[0] >= 0
    assert all(round(t * 10) / 10 == t for t in times)
    assert [e["message_id"] for e in s["entries"] if "data_bytes" in e] == [message_id]


def test_each_message_has_its_part(start):
    server = start()
    with server.session() as session:
        first, second = session.deliver(RAW), session.deliver(RAW, to=["two@b.test"])
        assert session.command("NOOP").code == 250
    one, two = transcript_of(server, first), transcript_of(server, second)
    assert one["id"] == two["id"]
    until(lambda: transcript_of(server, first)["ended_at"])
    assert said(transcript_of(server, first))[1:] == [
        "C: EHLO client.test", "C: MAIL FROM:<app@shop.test>", "C: RCPT TO:<someone@example.test>",
        "C: DATA", "S: 354 End data with <CR><LF>.<CR><LF>", f"D: {len(RAW)}"]
    for message_id, recipient in ((first, "someone@example.test"), (second, "two@b.test")):
        part = transcript_of(server, message_id)
        assert said(part)[3] == f"C: RCPT TO:<{recipient}>"
        assert part["entries"][-1]["text"] == f"250 2.0.0 Ok: stored as {message_id}"
        assert [e["message_id"] for e in part["entries"] if "data_bytes" in e] == [message_id]
    assert whole(server)["messages"] == [first, second]


def test_a_message_that_is_not_stored_is_told_too(start):
    server = start("--max-message-size", "1000")
    with server.session() as session:
        session.begin()
        session.send(b"x" * 1500 + b"\n" + b"x" * 1500)
        assert session.finish(b"y" * 1000 + b"\r\n").code == 552
        session.send(b"BDAT 3\r\nabcNOOP\r\n")
        assert session.replies(2) == [503, 250]
        stored = session.deliver(RAW)
    s = whole(server)
    data = [(e["data_bytes"], e["message_id"]) for e in s["entries"] if "data_bytes" in e]
    assert [line[:22] for line in said(s)[5:10]] == [
        "S: 354 End data with <", "D: 4003", "N: Warning bare-lf: a ", "N: Warning long-line: ",
        "S: 552 5.3.4 The messa"]
    assert data == [(4003, None), (3, None), (len(RAW), stored)]


def test_while_it_is_open(start):
    """One that lasts is listed before it is over, and known by its messages even before that."""
    server = start()
    with server.session() as session:
        message_id = session.deliver(RAW)
        young = transcript_of(server, message_id)
        assert young["outcome"] is None and young["ended_at"] is None
        lasting = until(lambda: listed(server, outcome="open"))[0]
        assert lasting["id"] == young["id"] and lasting["messages"] == [message_id]
        assert (lasting["bytes_in"], lasting["bytes_out"]) == (0, 0)
    assert whole(server)["id"] == young["id"]
    assert until(lambda: not listed(server, outcome="open"))


def test_a_unix_socket_has_no_port(start, tmp_path):
    server = start("--smtp-listen", f"unix:{tmp_path}/smtp")
    with Session(tmp_path / "smtp") as session:
        session.command("QUIT")
    assert whole(server)["client"] == {"ip": "unix", "port": None, "helo": ""}


# ---- outcomes ----

def client_drops(server):
    server.session().close()


def client_drops_in_a_message(server):
    with server.session() as session:
        session.begin()
        session.send(b"Subject: half")


def client_is_idle(server):
    with server.session(hello=False) as session:
        assert session.reply().code == 421


def client_lasts_too_long(server):
    with server.session(hello=False) as session:
        while session.command("NOOP").code != 421:
            pass


def server_refuses(server):
    with server.session() as session:
        while session.command("NONSENSE").code != 421:
            pass


def scanner_speaks_http(server):
    with Session(server.smtp) as session:
        session.send(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
        session.socket.shutdown(socket.SHUT_WR)
        while session.file.readline():
            pass


def handshake_fails(server):
    with server.session() as session:
        assert session.command("STARTTLS").code == 220
        session.send(b"this is no TLS\r\n")
        while session.file.read(1):
            pass


def implicit_handshake_fails(server):
    with socket.create_connection(server.smtps) as sock:
        sock.sendall(b"EHLO plain\r\n")
        while sock.recv(1000):
            pass


def handshake_never_ends(server):
    with socket.create_connection(server.smtps) as sock:
        assert sock.recv(1000) == b""


IMPATIENT = {client_is_idle: ("--idle-timeout", "1s"),
             handshake_never_ends: ("--idle-timeout", "1s"),
             client_lasts_too_long: ("--session-timeout", "1s")}


@pytest.mark.parametrize("act, outcome, last", [
    (client_drops, "dropped", "N: The client closed the connection"),
    (client_drops_in_a_message, "dropped", "N: The client closed the connection"),
    (client_is_idle, "timeout", "S: 421 4.4.2 Idle for too long; closing"),
    (client_lasts_too_long, "timeout", "S: 421 4.4.2 The session lasts too long; closing"),
    (server_refuses, "refused", "S: 421 4.7.0"),
    (scanner_speaks_http, "dropped", "N: The client closed the connection"),
    (handshake_fails, "tls_failed", "N: "),
    (implicit_handshake_fails, "tls_failed", "N: "),
    (handshake_never_ends, "tls_failed", "N: the handshake takes too long"),
])
def test_sessions_without_a_message(start, act, outcome, last):
    server = start(*TLS, *IMPATIENT.get(act, ()))
    act(server)
    s = whole(server)
    assert s["outcome"] == outcome
    assert said(s)[-1].startswith(last), said(s)
    assert (s["messages"], s["message_count"]) == ([], 0)
    others = {"quit", "dropped", "timeout", "refused", "tls_failed", "shutdown", "open"} - {outcome}
    assert [len(listed(server, outcome=o)) for o in others] == [0] * len(others)
    assert [x["id"] for x in listed(server, outcome=outcome)] == [s["id"]]


def test_half_a_message_is_told(start):
    server = start()
    client_drops_in_a_message(server)
    assert said(whole(server))[-2:] == ["D: 13", "N: The client closed the connection"]


def test_refused_connections_are_told_together(start):
    """Whoever tries again and again does not get to fill the database."""
    server = start("--max-connections", "1")
    with server.session():
        for _ in range(60):
            with Session(server.smtp) as refused:
                assert refused.greeting.code == 421
        some = until(lambda: listed(server, outcome="refused"))
        s = session_of(server, some[0]["id"])
        assert said(s)[:2] == [f"S: 421 {refused.greeting.text}",
                               "N: There was no room for another connection"]
        recorded = until(lambda: try_until_told_of(server, 60))
        assert len(recorded) < 40
    assert server.log().count("sessions without a message come too fast") == 1


def left_out(server, session):
    """How many connections before this one are not recorded."""
    told = [re.search(r"Not recorded before this one: (\d+) sessions", line)
            for line in said(session_of(server, session["id"]))]
    return sum(int(match[1]) for match in told if match)


def try_until_told_of(server, count):
    """One more connection, and the sessions recorded, once they tell of so many that were not."""
    with Session(server.smtp):
        pass
    recorded = listed(server, outcome="refused", limit=500)
    told = sum(left_out(server, session) for session in recorded)
    return recorded if len(recorded) + told >= count else None


def test_shutdown_and_restart(start):
    server = start()
    with server.session() as session:
        message_id = session.deliver(RAW)
        server.send_signal(signal.SIGTERM)
        assert session.reply().code == 421
    server.wait()
    again = start()
    s = whole(again)
    assert s["outcome"] == "shutdown" and s["messages"] == [message_id]
    assert said(s)[-1] == "S: 421 4.3.2 Mailstop is stopping; closing"
    assert again.deliver(RAW) != message_id
    assert until(lambda: ended(again)["id"] > s["id"])


def test_after_a_crash(start):
    """What went with a message is as safe as the message."""
    server = start()
    with server.session() as session:
        message_id = session.deliver(RAW)
        before = transcript_of(server, message_id)
        server.kill()
    again = start()
    s = transcript_of(again, message_id)
    assert s["outcome"] == "shutdown" and s["ended_at"]
    assert s["entries"][:len(before["entries"])] == before["entries"]  # the reply comes later
    assert [x["id"] for x in listed(again)] == [s["id"]]


# ---- TLS ----

@pytest.mark.parametrize("implicit", [False, True])
def test_tls_is_told(start, implicit):
    server = start(*TLS)
    if implicit:
        with server.trust().wrap_socket(socket.create_connection(server.smtps),
                                        server_hostname="localhost") as sock:
            sock.sendall(b"EHLO client.test\r\nQUIT\r\n")
            while sock.recv(1000):
                pass
    else:
        with server.tls_session() as session:
            assert session.command("QUIT").code == 221
    s = whole(server)
    assert s["outcome"] == "quit"
    assert s["tls"]["version"] == "TLS1.3" and s["tls"]["cipher"] and s["tls"]["implicit"] == implicit
    began = f"N: TLS began: {s['tls']['version']}, {s['tls']['cipher']}"
    lines = said(s)
    at = lines.index(began)
    assert at == 0 if implicit else lines[at - 1].startswith("S: 220 2.0.0")


# ---- warnings at their line ----

def test_warnings_stand_behind_their_line(start):
    server = start()
    with server.session() as session:
        session.send(b"NOOP\n")
        session.reply()
        session.command("MAIL FROM: <a@b.test>")
        session.command("RCPT TO:<a@b.test>")
        session.command("DATA")
        message_id = stored_id(session.finish(b"one\ntwo\r\n"))
        session.command("MAIL FROM: <again@b.test>")
    s = whole(server)
    assert {w["code"] for w in s["warnings"]} == {"bare-lf-command", "space-in-path"}
    lines = said(s)

    def behind(line):
        return lines[lines.index(line) + 1]

    assert behind("C: NOOP").startswith("N: Warning bare-lf-command: ")
    assert behind("C: MAIL FROM: <a@b.test>").startswith("N: Warning space-in-path: ")
    assert behind("D: 9").startswith("N: Warning bare-lf: ")
    assert behind("C: MAIL FROM: <again@b.test>").startswith("N: Warning space-in-path: ")
    assert behind("C: RCPT TO:<a@b.test>") == "C: DATA"
    assert "D: 9" in said(transcript_of(server, message_id))


def test_haste_stands_behind_the_line_that_came_too_early(start):
    server = start()
    with server.session() as session:
        session.send(b"EHLO again.test\r\nNOOP\r\nMAIL FROM:<a@b.test>\r\n")
        session.replies(3)
    lines = said(whole(server))
    at = lines.index("C: NOOP")
    assert lines[at + 1].startswith("N: Warning pipelined-too-far: "), lines
    assert lines[at - 1] == "C: EHLO again.test"


# ---- secrets ----

SECRET = "xyzzy-opensesame"


def encodings(secret):
    """All ways in which it may lie in base64, wherever it begins in what is encoded."""
    whole_groups = [base64.b64encode(b"\0" * n + secret.encode())[(4 if n else 0):-4].decode()
                    for n in range(3)]
    return [secret, *whole_groups]


def say_secrets(session):
    plain = base64.b64encode(f"\0ann\0{SECRET}".encode()).decode()
    user, password = (base64.b64encode(t.encode()).decode() for t in ("ann", SECRET))
    for lines in ([f"AUTH PLAIN {plain}"], ["AUTH PLAIN", plain], [f"auth login {user}", password],
                  ["AUTH LOGIN", user, password], [f"AUTH PLAIN {plain}="], [f"AUTHX {plain}"],
                  [f"AUTH NONSENSE {plain}", plain]):
        for line in lines:
            session.send(line + "\r\n")
            session.reply()
    session.command(f"AUTH PLAIN {plain}\r\n{plain}")
    session.reply()


def test_no_secret_is_kept(start):
    server = start("--log-level", "debug")
    with server.session() as session:
        say_secrets(session)
        message_id = session.deliver(RAW)
    s = whole(server)
    part = transcript_of(server, message_id)
    assert any(line == "C: AUTH PLAIN ********" for line in said(s))
    server.stop()
    files = [path for path in server.db.parent.iterdir() if path.is_file()]
    assert server.db in files and server.log_path in files
    for secret in encodings(SECRET):
        for path in files:
            assert secret.encode() not in path.read_bytes(), (secret, path)
        assert secret not in repr(s) and secret not in repr(part)


# ---- limits ----

@pytest.mark.parametrize("is_reported_meanwhile", [False, True])
def test_what_is_long_is_cut_with_a_mark(start, is_reported_meanwhile):
    server = start()
    count = 30_000
    with server.session() as session:
        for part in range(10):
            session.send(b"".join(b"NOOP %070d\r\n" % n for n in range(count // 10)))
            session.replies(count // 10)
            if part == 5 and is_reported_meanwhile:
                assert until(lambda: listed(server, outcome="open"))
        message_id = session.deliver(RAW)
        assert session.command("QUIT").code == 221
    s = whole(server)
    assert s["truncated"] and s["messages"] == [message_id]
    [mark] = [e["text"] for e in s["entries"] if "left out" in e.get("text", "")]
    left_out = int(re.fullmatch(r"(\d+) lines are left out here", mark)[1])
    kept = [e for e in s["entries"] if re.match(r"NOOP \d|250 2\.0\.0 Ok$", e.get("text", ""))]
    assert left_out + len(kept) == 2 * count
    assert said(s)[1] == "C: EHLO client.test" and said(s)[-2] == "C: QUIT"
    assert sum(len(e.get("text", "")) for e in s["entries"]) < 512 * 1024
    assert transcript_of(server, message_id)["truncated"]


def test_a_long_line_is_cut(start):
    server = start()
    with server.session() as session:
        assert session.command("NOOP " + "x" * 5000).code == 500
    line = next(line for line in said(whole(server)) if line.startswith("C: NOOP"))
    assert len(line) < 2100 and line.endswith("... (5005 octets)")


# ---- filters ----

def test_sessions_are_found(start):
    server = start()
    with server.session() as session:
        message_id = session.deliver(RAW, to=["ann@b.test"])
        session.command("QUIT")
    with server.session(hello=False) as session:
        session.command("EHLO other.test")
        session.command("QUIT")
    until(lambda: len([s for s in listed(server) if s["ended_at"]]) == 2)
    silent, with_message = [s["id"] for s in listed(server)]
    for query, expected in {
        "helo:other": [silent], "rcpt:ann": [with_message], "ip:127.0.0.1": [silent, with_message],
        "outcome:quit": [silent, with_message], "outcome:dropped": [], "-rcpt:ann": [silent],
    }.items():
        assert [s["id"] for s in listed(server, query=query)] == expected, query
    assert [s["id"] for s in listed(server, limit=1)] == [silent]
    assert [s["id"] for s in listed(server, before=silent)] == [with_message]
    assert [s["id"] for s in listed(server, after=0)] == [with_message, silent]
    assert listed(server, inbox="default") and server.rest.message(message_id)
    assert server.rest.get("/api/v1/sessions", outcome="lost").status == 400
    assert server.rest.get("/api/v1/sessions", inbox="nowhere").status == 404
    assert server.rest.get("/api/v1/sessions/999999").status == 404


# ---- failures ----

def says(*lines):
    """A client that says these, each after the reply to the one before, and then QUIT."""
    def act(server):
        with server.session() as session:
            for line in lines:
                session.command(line)
            session.command("QUIT")
    return act


@pytest.mark.parametrize("options, act, refusal", [
    ((), says("MAIL FROM:<a@b.test>", "RCPT TO:<nobody>"), ("RCPT", 553, "553 5.1.3 ")),
    ((), says("mail FROM:a"), ("MAIL", 501, "501 5.")),
    ((), says("DATA"), ("DATA", 503, "503 5.5.1 ")),
    ((), says("AUTH LOGIN", "!", "NOOP"), ("AUTH", 501, "501 5.5.2 ")),
    ((), says("MAIL FROM:<a@b.test>", "RCPT TO:<a@b.test>", "DATA", "x\r\n.", "FOO"),
     ("FOO", 500, "500 5.5.1 ")),
    (("--require-auth", "on"), says("MAIL FROM:<a@b.test>"), ("MAIL", 530, "530 5.7.0 ")),
    (("--max-message-size", "10"),
     says("MAIL FROM:<a@b.test>", "RCPT TO:<a@b.test>", "DATA", "Subject: 1\r\n\r\n.\r\n."),
     ("end of data", 552, "552 5.3.4 ")),
    ((), says("MAIL FROM:<a@b.test>", "RCPT TO:<a@b.test>", "DATA", "x\r\n."), None),
    ((), says("NOOP"), None),
])
def test_what_was_refused_first_is_told(start, options, act, refusal):
    server = start(*options)
    act(server)
    s = ended(server)
    assert s["outcome"] == "quit" and s["failed"] == (refusal is not None)
    assert [x["id"] for x in listed(server, query="is:failed")] == ([s["id"]] if refusal else [])
    if refusal:
        command, code, reply = refusal
        assert (s["refusal"]["command"], s["refusal"]["code"]) == (command, code)
        assert s["refusal"]["reply"].startswith(reply)
        assert f"S: {s['refusal']['reply']}" in said(session_of(server, s["id"]))
    else:
        assert s["refusal"] is None


def test_a_connection_over_the_limits_failed_at_once(start):
    server = start("--max-connections", "1")
    with server.session():
        with server.session(hello=False) as second:
            assert second.greeting.code == 421
        s = until(lambda: listed(server, outcome="refused"))[0]
    assert s["failed"] and s["refusal"]["command"] == "connect" and s["refusal"]["code"] == 421


def test_who_leaves_without_quit_failed_if_something_was_open(start):
    server = start()
    for behind in ([], ["MAIL FROM:<a@b.test>", "RCPT TO:<a@b.test>"]):
        with server.session() as session:
            session.deliver(RAW)
            for line in behind:
                session.command(line)
    until(lambda: len(listed(server, outcome="dropped")) == 2)
    assert [s["failed"] for s in listed(server)] == [True, False]


def test_a_login_says_whose_it_is(start):
    server = start()
    with server.session() as session:
        plain = base64.b64encode(f"\0ann\0{SECRET}".encode()).decode()
        assert session.command(f"AUTH PLAIN {plain}").code == 235
        session.command("QUIT")
    s = whole(server, inbox="ann")
    assert (s["inbox"], s["username"], s["messages"]) == ("ann", "ann", [])
    assert "C: AUTH PLAIN ********" in said(s) and SECRET not in repr(s)
    assert listed(server, inbox="default") == []
    assert server.rest.delete("/api/v1/inboxes/ann").status == 204
    until(lambda: server.rest.get(f"/api/v1/sessions/{s['id']}").status == 404)


def test_inboxes_see_their_own(start):
    """A message with copies in two inboxes came by one session, whose inbox is the first's."""
    server = start()
    for name in ("one", "two"):
        made = server.rest.send_json("POST", "/api/v1/inboxes",
                                     {"name": name, "recipients": [f"*@{name}.test"]})
        assert made.status == 201, made
    with server.session() as session:
        session.deliver(RAW, to=["a@one.test", "a@two.test"])
        session.command("QUIT")
    s = whole(server)
    assert s["message_count"] == 2 and len(s["messages"]) == 2
    assert {server.rest.message(m)["inbox"] for m in s["messages"]} == {"one", "two"}
    assert server.rest.message(s["messages"][0])["inbox"] == s["inbox"]
    assert [x["id"] for x in listed(server, inbox=s["inbox"])] == [s["id"]]
    assert listed(server, inbox="default") == []
    first, second = (said(transcript_of(server, m)) for m in s["messages"])
    assert first == second and first[-1] == f"D: {len(RAW)}"


# ---- what goes ----

def test_goes_with_its_last_message(start):
    server = start()
    with server.session() as session:
        first, second = session.deliver(RAW), session.deliver(RAW)
    session_id = ended(server)["id"]
    server.rest.delete(f"/api/v1/messages/{first}")
    assert session_of(server, session_id)["messages"] == [second]
    server.rest.delete(f"/api/v1/messages/{second}")
    assert server.rest.get(f"/api/v1/sessions/{session_id}").status == 404


def test_its_end_is_an_event(start):
    server = start()
    with server.rest.events() as events:
        with server.session() as session:
            message_id = session.deliver(RAW)
        event = events.next("session.closed")
    assert event.data == next(s for s in listed(server) if s["id"] == event.data["id"])
    assert event.data["messages"] == [message_id]
