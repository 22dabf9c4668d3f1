"""Faults on demand, against the real port: every stage and what can be done there, and that it stands
in the transcript by which rule."""
import base64
import concurrent.futures
import smtplib
import socket
import ssl
import time

import pytest

from program import Program, until
from test_fault_plans import make_inbox, put, shown
from wire import Session, stored_id

MESSAGE = b"Subject: x\r\n\r\ntext\r\n"


@pytest.fixture
def inbox(server):
    """One that takes mail to addresses of its own, and has its own plan."""
    response = server.rest.send_json("POST", "/api/v1/inboxes", {})
    made = response.json()
    domain = made["name"] + ".test"
    server.rest.send_json("PATCH", f"/api/v1/inboxes/{made['id']}", {"recipients": [f"*@{domain}"]})
    return made | {"domain": domain}


def hits(server, inbox=None):
    return [rule["hits"] for rule in shown(server, inbox)["rules"]]


def faults_told(server, *beginnings):
    """The newest session that is over and tells of these faults, and what it tells of them."""
    def found():
        for item in server.rest.get("/api/v1/sessions", limit=20).json()["items"]:
            session = server.rest.get(f"/api/v1/sessions/{item['id']}").json()
            told = [e["text"] for e in session["entries"] if e["from"] == "fault"]
            if session["outcome"] and len(told) == len(beginnings) and all(
                    text.startswith(beginning) for text, beginning in zip(told, beginnings)):
                return session, told
        return None
    return until(found)


def ends(file):
    """The server closes, with or without regard for what was sent to it."""
    try:
        return file.read() == b""
    except OSError:
        return True


# ---- every code at every stage that has replies ----

CODES = [421, 450, 451, 452, 454, 455, 500, 501, 502, 503, 504, 521, 530, 534, 535, 538, 541, 550,
         551, 552, 553, 554, 555, 556]


def reply_at(session, stage):
    """What is said at the stage; before it everything goes well."""
    if stage == "connect":
        return session.greeting
    reply = session.command("EHLO client.test")
    alone = {"helo": None, "starttls": "STARTTLS", "auth": "AUTH PLAIN AGEAYg==", "rset": "RSET",
             "quit": "QUIT"}
    if stage in alone:
        return session.command(alone[stage]) if alone[stage] else reply
    stages = ["mail", "rcpt", "data", "data_end"]
    for command in ["MAIL FROM:<a@b.test>", "RCPT TO:<c@d.test>", "DATA"][:stages.index(stage) + 1]:
        reply = session.command(command)
    return session.finish(MESSAGE) if stage == "data_end" else reply


@pytest.fixture(scope="module")
def plain(tmp_path_factory):
    """One that nobody else uses, for plans of all sessions."""
    program = Program(tmp_path_factory.mktemp("faults"), "--starttls", "on", "--smtps-listen",
                      "127.0.0.1:0")
    yield program
    program.stop()


@pytest.fixture
def alone(plain):
    yield plain
    assert plain.rest.delete("/api/v1/faults").status == 204


@pytest.mark.parametrize("stage", ["connect", "helo", "starttls", "auth", "mail", "rcpt", "data",
                                   "data_end", "rset", "quit"])
def test_every_code_at_every_stage(alone, stage):
    for code in CODES:
        put(alone, {"rules": [{"stage": stage, "reply": {"code": code, "text": ["One", "Two"]}}]})
        with Session(alone.smtp) as session:
            reply = reply_at(session, stage)
            assert reply.code == code and len(reply.lines) == 2, (stage, reply)
            has_enhanced = stage not in ("connect", "helo")
            assert reply.lines[1].endswith("Two")
            assert (reply.lines[1] != "Two") == has_enhanced
            if code == 421 or stage == "connect":
                assert session.is_closed()
            else:
                assert session.command("NOOP").code == 250
        assert hits(alone) == [1]
    assert alone.rest.get("/api/v1/messages").json()["total"] == 0


def test_codes_that_accept(alone):
    for code in 251, 252:
        put(alone, {"rules": [{"stage": "rcpt", "reply": {"code": code}}]})
        with Session(alone.smtp) as session:
            assert reply_at(session, "rcpt").code == code
            assert session.command("DATA").code == 354
            alone.rest.delete("/api/v1/messages/%d" % stored_id(session.finish(MESSAGE)))


def test_bdat_is_data_too(alone):
    put(alone, {"rules": [{"stage": "data", "reply": {"code": 452}, "times": 1},
                          {"stage": "data_end", "reply": {"code": 554}}]})
    with Session(alone.smtp) as session:
        reply_at(session, "rcpt")
        session.send(b"BDAT 6\r\nQUIT\r\nBDAT 6 LAST\r\nQUIT\r\nRSET\r\n")
        assert session.replies(3) == [452, 503, 250]
        session.send(b"MAIL FROM:<a@b.test>\r\nRCPT TO:<c@d.test>\r\nBDAT 6\r\nQUIT\r\nBDAT 0 LAST\r\n")
        assert session.replies(4) == [250, 250, 250, 554]


# ---- what is done beside replies ----

def test_the_transcript_names_the_rule(alone):
    put(alone, {"rules": [{"stage": "quit", "drop": True},
                          {"stage": "mail", "delay_ms": 20, "reply": {"code": 451}}]})
    with Session(alone.smtp) as session:
        assert reply_at(session, "mail").code == 451
        session.send("QUIT\r\n")
        assert ends(session.file)
    found, told = faults_told(alone, "rules[1]", "rules[0]")
    assert told == ["rules[1] of all sessions: delay of 20 ms, then reply 451 4.3.0 Local error; "
                    "try again later", "rules[0] of all sessions: drop"]
    assert found["outcome"] == "refused"
    texts = [e.get("text") for e in found["entries"]]
    at = texts.index(told[0])
    assert texts[at - 1].startswith("MAIL") and texts[at + 1].startswith("451")
    assert found["entries"][at + 1]["at_ms"] - found["entries"][at]["at_ms"] >= 19


@pytest.mark.parametrize("stage", ["connect", "helo", "starttls", "auth", "mail", "rcpt", "data",
                                   "data_end", "rset", "quit"])
def test_drops_and_delays_and_stalls(alone, stage):
    put(alone, {"rules": [{"stage": stage, "drop": True}]})
    with pytest.raises(OSError), Session(alone.smtp) as session:
        reply_at(session, stage)
    put(alone, {"rules": [{"stage": stage, "delay_ms": 60}]})
    start = time.monotonic()
    with Session(alone.smtp) as session:
        reply = reply_at(session, stage)
        assert reply.code < 400, reply
        assert time.monotonic() - start >= 0.06
    assert hits(alone) == [1]
    put(alone, {"rules": [{"stage": stage, "stall": True}]})
    with socket.create_connection(alone.smtp, 30) as sock:
        sock.sendall(b"EHLO client.test\r\n")
        sock.sendall({"auth": b"AUTH PLAIN AGEAYg==\r\n", "rset": b"RSET\r\n",
                      "quit": b"QUIT\r\n", "starttls": b"STARTTLS\r\n"}.get(
            stage, b"MAIL FROM:<a@b.test>\r\nRCPT TO:<c@d.test>\r\nDATA\r\n" + MESSAGE + b".\r\n"))
        until(lambda: hits(alone) == [1])
        sock.settimeout(0.1)
        with pytest.raises(TimeoutError):
            while sock.recv(4096):
                pass
    assert alone.rest.delete("/api/v1/messages?all=true").status == 200


def test_a_session_that_stalls_ends_when_its_client_leaves(alone):
    put(alone, {"rules": [{"stage": "mail", "stall": True}]})
    with alone.session() as session:
        session.send("MAIL FROM:<a@b.test>\r\nNOOP\r\n")
        until(lambda: hits(alone) == [1])
    found, _ = faults_told(alone, "rules[0] of all sessions: stall")
    assert found["outcome"] == "dropped"


def test_the_server_stops_though_sessions_wait(start):
    server = start()
    put(server, {"rules": [{"stage": "mail", "stall": True}, {"stage": "rset", "delay_ms": 600000},
                           {"stage": "connect", "after": 2, "delay_ms": 600000}]})
    sessions = [server.session(), server.session()]
    sessions[0].send("MAIL FROM:<a@b.test>\r\n")
    sessions[1].send("RSET\r\n")
    third = socket.create_connection(server.smtp, 30)
    until(lambda: hits(server) == [1, 1, 1])
    server.stop()
    assert [session.reply().code for session in sessions] == [421, 421]
    assert third.recv(3) == b"421"
    for session in sessions:
        session.close()
    third.close()


@pytest.mark.parametrize("when, text, is_stored, is_answered", [
    ("before-storing", "before the message is stored", False, False),
    ("before-reply", "when the message is stored", True, False),
    ("after-reply", "behind the reply", True, True)])
def test_drops_around_the_end_of_a_message(alone, when, text, is_stored, is_answered):
    put(alone, {"rules": [{"stage": "data_end", "drop": True, "when": when}]})
    with Session(alone.smtp) as session:
        reply_at(session, "data")
        session.send(MESSAGE + b".\r\n")
        if is_answered:
            assert session.reply().code == 250
        assert ends(session.file)
    found, _ = faults_told(alone, f"rules[0] of all sessions: drop {text}")
    assert found["outcome"] == "refused"
    messages = alone.rest.get("/api/v1/messages").json()["items"]
    assert len(messages) == is_stored
    assert found["messages"] == [m["id"] for m in messages]
    data = [e for e in found["entries"] if "data_bytes" in e]
    assert [e["data_bytes"] for e in data] == [len(MESSAGE)]
    assert data[0]["message_id"] == (messages[0]["id"] if is_stored else None)
    assert alone.rest.delete("/api/v1/messages?all=true").status == 200


def test_drops_in_the_middle_of_a_message(alone):
    put(alone, {"rules": [{"stage": "data", "bytes": 1000, "drop": True}]})
    with alone.session() as session:
        session.deliver(b"x" * 997 + b"\r\n")
        session.begin()
        with pytest.raises(OSError):
            session.finish(b"x" * 998 + b"\r\n")
    assert hits(alone) == [1]
    assert alone.rest.delete("/api/v1/messages?all=true").json()["deleted"] == 1


def test_a_message_is_whole_that_was_delayed_in_the_middle(alone):
    put(alone, {"rules": [{"stage": "data", "bytes": 1000, "delay_ms": 50}]})
    raw = b"Subject: x\r\n\r\n" + b"".join(b"%070d\r\n" % i for i in range(5000))
    message_id = alone.deliver(raw)
    assert alone.rest.raw(message_id) == raw
    assert hits(alone) == [1]
    alone.rest.delete("/api/v1/messages?all=true")


def test_throttles(alone):
    put(alone, {"rules": [{"stage": "session", "throttle_bytes_per_second": 20000}]})
    start = time.monotonic()
    raw = b"Subject: x\r\n\r\n" + b"x" * 70 + b"\r\n" * 5000
    message_id = alone.deliver(raw)
    assert time.monotonic() - start >= 0.4
    assert alone.rest.raw(message_id) == raw
    alone.rest.delete("/api/v1/messages?all=true")
    put(alone, {"rules": [{"stage": "session", "throttle_bytes_per_second": 1000,
                           "direction": "to-client"}]})
    start = time.monotonic()
    with alone.session() as session:  # the greeting and the extensions
        assert session.command("QUIT").code == 221
        assert session.is_closed()
    assert time.monotonic() - start >= 0.2


def test_a_throttled_reply_is_no_idleness(start):
    """Of neither side: the session is not ended though a reply takes longer than that."""
    server = start("--idle-timeout", "1s")
    put(server, {"rules": [{"stage": "session", "throttle_bytes_per_second": 150,
                            "direction": "to-client"}]})
    start_time = time.monotonic()
    with socket.create_connection(server.smtp, 30) as sock, sock.makefile("rb") as file:
        sock.sendall(b"EHLO client.test\r\nNOOP\r\n")  # it is not the client who is idle
        assert until(lambda: file.readline().startswith(b"250 2.0.0"))
    assert time.monotonic() - start_time > 1.3


def test_the_server_stops_though_replies_are_throttled(start):
    server = start()
    put(server, {"rules": [{"stage": "session", "throttle_bytes_per_second": 1}]})
    with socket.create_connection(server.smtp, 30) as sock:
        assert sock.recv(1) == b"2"
        server.stop()  # what is left of the greeting would take longer than it may


def test_a_throttled_client_that_reads_nothing_is_let_go(start):
    server = start("--session-timeout", "1s")
    put(server, {"rules": [{"stage": "session", "throttle_bytes_per_second": 10 ** 9}]})
    with server.session(hello=False) as session:
        session.socket.settimeout(0.3)
        with pytest.raises(OSError):  # it takes no more, or has closed
            while True:
                session.send(b"HELP\r\n" * 10_000)
        server.await_log('msg="session closed"')


def test_an_inbox_throttles_by_its_recipients(server, inbox):
    put(server, {"rules": [{"stage": "session", "throttle_bytes_per_second": 40000}]}, inbox["id"])
    raw, start = b"Subject: x\r\n\r\n" + b"x" * 70 + b"\r\n" * 5000, time.monotonic()
    with server.session() as session:
        session.deliver(raw)
        assert hits(server, inbox["id"]) == [0]
        for _ in range(2):
            session.deliver(raw, to=[f"x@{inbox['domain']}"])
    assert time.monotonic() - start >= 0.4
    assert hits(server, inbox["id"]) == [1]
    faults_told(server, f"rules[0] of inbox {inbox['id']}: throttle to 40000 octets a second")


def test_hides_extensions(alone):
    put(alone, {"rules": [{"stage": "helo", "times": 1, "hide": ["SIZE", "AUTH"]},
                          {"stage": "starttls", "times": 1, "fail": "withheld"}]})
    with alone.session(hello=False) as session:
        offers = [session.command("EHLO client.test").text for _ in range(3)]
        for keyword, hidden in ("SIZE", [1, 0, 0]), ("AUTH", [1, 0, 0]), ("STARTTLS", [0, 1, 0]):
            assert [keyword not in offer for offer in offers] == [bool(h) for h in hidden], keyword
        put(alone, {"rules": [{"stage": "helo", "hide": "STARTTLS"}]})
        session.command("EHLO client.test")
        assert session.command("STARTTLS").code == 502
        alone.rest.delete("/api/v1/faults")
        session.command("EHLO client.test")
        assert session.command("STARTTLS").code == 220


@pytest.mark.parametrize("keywords, command, code", [
    ("SIZE", "MAIL FROM:<a@b.test> SIZE=1", 555),
    ("SMTPUTF8", "MAIL FROM:<a@b.test> SMTPUTF8", 555),
    ("DSN", "MAIL FROM:<a@b.test> RET=FULL", 555),
    ("DSN", "MAIL FROM:<a@b.test> ENVID=1", 555),
    ("AUTH", "MAIL FROM:<a@b.test> AUTH=<>", 555),
    ("AUTH", "AUTH PLAIN AGEAYg==", 502),
    ("8BITMIME", "MAIL FROM:<a@b.test> BODY=8BITMIME", 504),
    ("BINARYMIME", "MAIL FROM:<a@b.test> BODY=BINARYMIME", 504),
    (["8BITMIME", "BINARYMIME"], "MAIL FROM:<a@b.test> BODY=8BITMIME", 555),
    ("CHUNKING", "BDAT 0 LAST", 502),
    ("STARTTLS", "STARTTLS", 502)])
def test_what_is_hidden_is_refused_too(alone, keywords, command, code):
    put(alone, {"rules": [{"stage": "helo", "hide": keywords}]})
    with alone.session() as session:
        assert session.command(command).code == code


def connect_tls(server):
    sock = socket.create_connection(server.smtps, 30)
    return server.trust().wrap_socket(sock, server_hostname="localhost")


@pytest.mark.parametrize("is_tls_first", [False, True])
@pytest.mark.parametrize("fail, error, text", [
    ("handshake", "handshake failure", "fail the TLS handshake"),
    ("expired-certificate", "certificate has expired", "show a certificate that has expired"),
    ("wrong-name-certificate", "[Hh]ostname mismatch", "show a certificate of another name")])
def test_tls_fails(alone, fail, error, text, is_tls_first):
    put(alone, {"rules": [{"stage": "starttls", "fail": fail, "times": 2}]})
    for _ in range(2):
        with pytest.raises(ssl.SSLError, match=error):
            if is_tls_first:
                connect_tls(alone)
            else:
                with alone.session() as session:
                    session.start_tls(alone.trust())
    found, _ = faults_told(alone, f"rules[0] of all sessions: {text}")
    assert found["outcome"] == "tls_failed"
    assert found["tls"] is None
    with connect_tls(alone) as sock:
        assert sock.recv(4) == b"220 "
    with alone.tls_session() as session:
        assert session.command("NOOP").code == 250


def test_what_befalls_a_handshake_that_comes_first(alone):
    """Nothing can be said before it, so that no rule replies, nor is a reply recorded."""
    put(alone, {"rules": [{"stage": "starttls", "reply": {"code": 454}},
                          {"stage": "starttls", "times": 1, "drop": True},
                          {"stage": "starttls", "times": 1, "stall": True},
                          {"stage": "starttls", "delay_ms": 60, "fail": "expired-certificate"}]})
    with pytest.raises(OSError):
        connect_tls(alone)
    dropped, _ = faults_told(alone, "rules[1] of all sessions: drop")
    assert dropped["outcome"] == "refused" and dropped["bytes_out"] == 0
    assert not [e for e in dropped["entries"] if e["from"] == "server"]
    with socket.create_connection(alone.smtps, 30) as stalled:
        until(lambda: hits(alone) == [0, 1, 1, 0])
        stalled.sendall(b"\x16\x03\x01")
        stalled.settimeout(0.1)
        with pytest.raises(TimeoutError):
            stalled.recv(1)
    assert faults_told(alone, "rules[2] of all sessions: stall")[0]["outcome"] == "dropped"
    start = time.monotonic()
    with pytest.raises(ssl.SSLError, match="certificate has expired"):
        connect_tls(alone)
    assert time.monotonic() - start >= 0.06
    assert hits(alone) == [0, 1, 1, 1]


def test_nothing_is_said_in_the_clear_where_tls_comes_first(start):
    """Though the server stops while a plan has the handshake wait."""
    server = start("--smtps-listen", "127.0.0.1:0")
    put(server, {"rules": [{"stage": "starttls", "delay_ms": 600000}]})
    with socket.create_connection(server.smtps, 30) as sock:
        until(lambda: hits(server) == [1])
        server.stop()
        assert sock.recv(100) == b""
    server = start()
    [session] = server.rest.get("/api/v1/sessions").json()["items"]
    session = server.rest.get(f"/api/v1/sessions/{session['id']}").json()
    assert session["outcome"] == "shutdown"
    assert [e["from"] for e in session["entries"]] == ["fault"]


def test_the_greeting_inside_tls(start):
    """It is behind the handshake that a plan has a say in it, where TLS comes first."""
    server = start("--smtps-listen", "127.0.0.1:0")
    put(server, {"rules": [{"stage": "connect", "times": 1, "reply": {"code": 554}},
                           {"stage": "connect", "times": 1, "drop": True},
                           {"stage": "connect", "delay_ms": 50},
                           {"stage": "session", "throttle_bytes_per_second": 5000}]})
    with connect_tls(server) as sock, sock.makefile("rb") as file:
        assert file.read() == b"554 Transaction failed\r\n"
    with connect_tls(server) as sock, sock.makefile("rb") as file:
        assert ends(file)
    start_time = time.monotonic()
    with connect_tls(server) as sock, sock.makefile("rb") as file:
        assert file.readline().startswith(b"220 ")
        assert time.monotonic() - start_time >= 0.05
        sock.sendall(b"QUIT\r\n")
        assert file.readline().startswith(b"221 ")


def test_greylisting(alone):
    put(alone, {"rules": [{"stage": "rcpt", "greylist": {"seconds": 0}}]})
    for sender in "a@b.test", "c@b.test":
        with alone.session() as session:
            codes = []
            for _ in range(2):
                session.command(f"MAIL FROM:<{sender}>")
                codes.append(session.command("RCPT TO:<c@d.test>").code)
                session.command("RSET")
            assert codes == [450, 250]


def test_rate_limit(alone):
    put(alone, {"rules": [{"stage": "mail", "rate_limit": {"count": 3, "window_seconds": 600},
                           "reply": {"code": 421}}]})
    def codes():
        with alone.session() as session:
            code = session.command("MAIL FROM:<a@b.test>").code
            assert code == 250 or session.is_closed()
            return code
    assert [codes() for _ in range(5)] == [250] * 3 + [421] * 2


# ---- which plan ----

def token_of(login):
    return base64.b64encode(f"\0{login['username']}\0{login['password']}".encode()).decode()


def rcpt_codes(server, address, count, login=None):
    with server.session() as session:
        if login:
            assert session.command("AUTH PLAIN " + token_of(login)).code == 235
        session.command("MAIL FROM:<a@b.test>")
        return [session.command(f"RCPT TO:<{address}>").code for _ in range(count)]


def test_the_plan_of_the_recipients_inbox(server, inbox):
    put(server, {"rules": [{"stage": "rcpt", "full": 452, "times": 2}]}, inbox["id"])
    assert rcpt_codes(server, "x@elsewhere.test", 3) == [250] * 3
    assert rcpt_codes(server, f"x@{inbox['domain']}", 3) == [452, 452, 250]
    put(server, {"rules": [{"stage": "data_end", "reply": {"code": 554}},
                           {"stage": "data", "delay_ms": 1}]}, inbox["id"])
    with server.session() as session:
        session.begin(to=[f"x@{inbox['domain']}"])
        assert session.finish(MESSAGE).code == 554
    assert hits(server, inbox["id"]) == [1, 1]


def test_presets_of_an_inbox_act_without_a_login(server, inbox):
    address = f"x@{inbox['domain']}"
    put(server, {"preset": "outage"}, inbox["id"])
    assert rcpt_codes(server, address, 1) == [421]
    put(server, {"preset": "rate-limit"}, inbox["id"])
    assert rcpt_codes(server, address, 12) == [250] * 10 + [450] * 2
    put(server, {"preset": "mailbox-full"}, inbox["id"])
    assert rcpt_codes(server, address, 1) == [452]
    put(server, {"preset": "greylisting"}, inbox["id"])
    assert rcpt_codes(server, address, 2) == [450] * 2
    put(server, {"preset": "slow"}, inbox["id"])
    start = time.monotonic()
    assert rcpt_codes(server, address, 1) == [250]
    assert time.monotonic() - start >= 0.5
    put(server, {"preset": "outage"}, inbox["id"])
    with server.session() as session:
        assert session.command("AUTH PLAIN " + token_of(inbox["smtp"])).code == 235
        assert session.command("MAIL FROM:<a@b.test>").code == 421


def test_the_plan_of_the_inbox_that_logged_in(server, inbox):
    put(server, {"rules": [{"stage": "rcpt", "reply": {"code": 550}},
                           {"stage": "auth", "reply": {"code": 454}, "times": 1}]}, inbox["id"])
    with pytest.raises(AssertionError):
        rcpt_codes(server, "x@elsewhere.test", 1, inbox["smtp"])
    assert rcpt_codes(server, "x@elsewhere.test", 2, inbox["smtp"]) == [550, 550]


def test_an_inbox_with_a_plan_has_that_of_all_no_more(alone):
    one = make_inbox(alone, recipients=["*@one.test"])
    put(alone, {"rules": [{"stage": "rcpt", "full": 552}]})
    put(alone, {"rules": []}, one)
    assert rcpt_codes(alone, "x@one.test", 1) == [250]
    assert rcpt_codes(alone, "x@two.test", 1) == [552]


def test_opposite_plans_used_at_once_do_not_meet(server):
    """32 clients on two inboxes."""
    names = [make_inbox(server) for _ in range(2)]
    logins = []
    for name, code in zip(names, (450, 550)):
        server.rest.send_json("PATCH", f"/api/v1/inboxes/{name}", {"recipients": [f"*@{name}.test"]})
        logins.append(server.rest.get(f"/api/v1/inboxes/{name}").json()["smtp"])
        put(server, {"rules": [{"stage": "rcpt", "every": 2, "reply": {"code": code}}]}, name)

    def client(i):
        which = i % 2
        login = logins[which] if i % 4 < 2 else None
        return which, rcpt_codes(server, f"x@{names[which]}.test", 25, login)
    with concurrent.futures.ThreadPoolExecutor(32) as pool:
        results = list(pool.map(client, range(32)))
    for which, code in enumerate((450, 550)):
        codes = [c for w, found in results if w == which for c in found]
        assert sorted(codes) == [250] * 200 + [code] * 200
        assert hits(server, names[which]) == [200]


def test_the_same_plan_and_traffic_give_the_same_faults(server, inbox):
    """100 runs."""
    plan = {"seed": 42, "rules": [{"stage": "rcpt", "probability": 0.3, "reply": {"code": 450}},
                                  {"stage": "rcpt", "probability": 0.3, "reply": {"code": 550}}]}
    runs = set()
    for _ in range(100):
        put(server, plan, inbox["id"])
        runs.add(tuple(rcpt_codes(server, f"x@{inbox['domain']}", 20)))
    assert len(runs) == 1 and {250, 450, 550} == set(*runs)


# ---- magic addresses ----

def test_magic_addresses(start):
    server = start("--magic-addresses", "on")
    with server.session() as session:
        session.command("MAIL FROM:<a@b.test>")
        assert session.command("RCPT TO:<bounce@x.test>").code == 550
        reply = session.command("RCPT TO:<bounce+451+come+back@x.test>")
        assert (reply.code, reply.text) == (451, "4.3.0 come back")
        assert session.command("RCPT TO:<greylist@x.test>").code == 450
        assert session.command("RCPT TO:<greylist@x.test>").code == 250
        start_time = time.monotonic()
        assert session.command("RCPT TO:<delay+50ms@x.test>").code == 250
        assert time.monotonic() - start_time >= 0.05
        session.send("RCPT TO:<drop@x.test>\r\n")
        assert ends(session.file)
    faults_told(server, "magic address: reply 550 5.1.1 No such user",
                "magic address: reply 451 4.3.0 come back", "magic address: reply 450",
                "magic address: delay of 50 ms", "magic address: drop")
    put(server, {"rules": [{"stage": "rcpt", "address": "drop@*", "reply": {"code": 450}}]})
    assert rcpt_codes(server, "drop@x.test", 1) == [450]


def test_no_magic_unless_asked_for(server):
    assert rcpt_codes(server, "bounce@x.test", 1) == [250]


# ---- clients ----

def test_smtplib_raises_its_proper_errors(server, inbox):
    def send():
        with smtplib.SMTP(*server.smtp, timeout=30) as client:
            client.sendmail("a@b.test", [f"x@{inbox['domain']}"], MESSAGE)
    put(server, {"rules": [{"stage": "rcpt", "reply": {"code": 450}}]}, inbox["id"])
    with pytest.raises(smtplib.SMTPRecipientsRefused) as refused:
        send()
    assert [code for code, _ in refused.value.recipients.values()] == [450]
    put(server, {"rules": [{"stage": "data_end", "reply": {"code": 554, "text": "Spam"}}]},
        inbox["id"])
    with pytest.raises(smtplib.SMTPDataError) as data:
        send()
    assert data.value.smtp_code == 554 and data.value.smtp_error == b"5.3.0 Spam"
    put(server, {"rules": [{"stage": "data", "drop": True}]}, inbox["id"])
    with pytest.raises(smtplib.SMTPServerDisconnected):
        send()
    server.rest.delete(f"/api/v1/inboxes/{inbox['id']}/faults")
    send()
