"""SMTP logins: into the inbox they are for, made by the first one, with every mechanism; what is
wrong is refused, slowly; and no password that a client sent is kept anywhere."""
import base64
import concurrent.futures
import hmac
import smtplib
import subprocess
import time

import pytest

from program import until
from test_inboxes import get, make, messages_in

MECHANISMS = ("PLAIN", "LOGIN", "CRAM-MD5")


def b64(text):
    return base64.b64encode(text.encode() if isinstance(text, str) else text).decode()


def send(server, subject, user=None, password=None, mechanism=None, to="x@example.test"):
    """With smtplib; returns the code of AUTH."""
    with smtplib.SMTP(*server.smtp) as client:
        client.ehlo("client.test")
        if mechanism:
            client.user, client.password = user, password
            method = getattr(client, "auth_" + mechanism.lower().replace("-", "_"))
            client.auth(mechanism, method)
        elif user:
            client.login(user, password)
        client.sendmail("app@shop.test", [to], f"Subject: {subject}\r\n\r\n")


def refusal(server, user, password, mechanism="PLAIN"):
    with pytest.raises(smtplib.SMTPAuthenticationError) as error:
        send(server, "x", user, password, mechanism)
    return error.value.smtp_code, error.value.smtp_error.decode()


# ---- into which inbox ----

@pytest.mark.parametrize("mechanism", MECHANISMS)
def test_the_password_of_an_inbox(server, mechanism):
    inbox = make(server)
    send(server, "mine", inbox["smtp"]["username"], inbox["smtp"]["password"], mechanism)
    [message] = messages_in(server, inbox)
    assert message["client"]["username"] == inbox["name"]
    assert get(server, inbox["id"])["message_count"] == 1


@pytest.mark.parametrize("mechanism", MECHANISMS)
def test_a_first_login_makes_an_inbox(server, mechanism):
    user = f"app-{mechanism}@shop.test"
    name = f"app-{mechanism}-shop.test"
    for password in ("first", "another", ""):
        send(server, "x", user, password, mechanism)
    inbox = get(server, name)
    assert inbox["message_count"] >= 3
    assert inbox["smtp"]["username"] == user
    assert inbox["smtp"]["password"] is None
    host, port = server.smtp
    assert inbox["smtp"]["url"] == f"smtp://app-{mechanism}%40shop.test@{host}:{port}"


def test_a_password_may_be_of_any_letters(server):
    with server.session() as session:
        assert session.command("AUTH PLAIN " + b64("\0grüße\0\N{GREEK SMALL LETTER PI}")).code == 235


def test_a_login_goes_before_patterns(server):
    greedy = make(server, recipients=["*@greedy.test"])
    mine = make(server)
    send(server, "x", mine["name"], mine["smtp"]["password"], to="x@greedy.test")
    assert len(messages_in(server, mine)) == 1 and messages_in(server, greedy) == []


def test_one_session_many_messages(server):
    """The login holds for all of them, RSET and a second EHLO or not."""
    inbox = make(server)
    with server.session() as session:
        line = b64(f"\0{inbox['name']}\0{inbox['smtp']['password']}")
        assert session.command(f"AUTH PLAIN {line}").code == 235
        session.deliver(b"Subject: 1\r\n\r\n")
        assert session.command("RSET").code == 250
        assert session.command("EHLO again.test").code == 250
        session.deliver(b"Subject: 2\r\n\r\n")
    assert [m["subject"] for m in messages_in(server, inbox)] == ["2", "1"]


def test_default_has_a_login_too(server):
    password = get(server, "default")["smtp"]["password"]
    send(server, "for default", "default", password, "LOGIN", to="x@default.test")
    assert server.rest.sent_to("x@default.test")["inbox"] == "default"


def test_new_credentials(server):
    inbox = make(server)
    old = inbox["smtp"]["password"]
    new = server.rest.request("POST", f"/api/v1/inboxes/{inbox['id']}/credentials").json()
    send(server, "x", inbox["name"], new["smtp"]["password"])
    assert refusal(server, inbox["name"], old)[0] == 535


def test_many_clients_and_many_inboxes(start):
    """Each sees its own mail alone, always: those made by API, by login, and by patterns."""
    server = start()
    count, each = 200, 4
    with concurrent.futures.ThreadPoolExecutor(64) as pool:
        inboxes = list(pool.map(lambda n: make(server, recipients=[f"*@p{n}.test"])
                                if n % 4 == 3 else make(server), range(count)))

        def deliver(n):
            inbox = inboxes[n % count]
            kind = n % count % 4
            if kind == 0:
                send(server, f"for {n % count}", inbox["name"], inbox["smtp"]["password"], "PLAIN")
            elif kind == 1:
                send(server, f"for {n % count}", inbox["name"], inbox["smtp"]["password"])
            elif kind == 2:
                send(server, f"for {n % count}", f"login-{n % count}", f"p{n}", "LOGIN")
            else:
                send(server, f"for {n % count}", to=f"x@p{n % count}.test")
        list(pool.map(deliver, range(count * each)))
    for n, inbox in enumerate(inboxes):
        where = get(server, f"login-{n}") if n % 4 == 2 else inbox
        token = {"Authorization": "Bearer " + where["api_token"]}
        seen = server.rest.get("/api/v1/messages", token).json()["items"]
        assert [m["subject"] for m in seen] == [f"for {n}"] * each
    assert server.rest.messages()["total"] == count * each
    assert get(server, "default")["message_count"] == 0


def test_logins_of_one_name_at_once_make_one_inbox(start):
    server = start()
    with concurrent.futures.ThreadPoolExecutor(32) as pool:
        list(pool.map(lambda n: send(server, "x", "same", str(n)), range(64)))
    assert get(server, "same")["message_count"] == 64
    assert server.rest.get("/api/v1/inboxes").json()["total"] == 2


# ---- what is refused ----

@pytest.mark.parametrize("mechanism", MECHANISMS)
def test_wrong_password(server, mechanism):
    inbox = make(server)
    for password in ("wrong", inbox["smtp"]["password"] + "x", inbox["smtp"]["password"][:-1]):
        code, text = refusal(server, inbox["name"], password, mechanism)
        assert (code, text[:5]) == (535, "5.7.8")
    assert get(server, inbox["id"])["message_count"] == 0


@pytest.mark.parametrize("line, code", [
    (b64("\0" + "x" * 129 + "\0secret"), 535),
    (b64("somebody\0app\0secret"), 535),
    (b64("app\0app\0secret"), 235),
    (b64(b"\0\xff\0secret"), 501),
    (b64(b"\0a\nb\0secret"), 501),
    (b64("\0\0secret"), 501),
    ("!!!", 501),
])
def test_odd_names(server, line, code):
    with server.session() as session:
        reply = session.command(f"AUTH PLAIN {line}")
        assert reply.code == code, reply
        session.deliver(b"Subject: afterwards\r\n\r\n")


def test_cram_digest_in_capitals(server):
    inbox = make(server)
    with server.session() as session:
        challenge = base64.b64decode(session.command("AUTH CRAM-MD5").text)
        assert challenge.startswith(b"<") and challenge.endswith(b">")
        digest = hmac.new(inbox["smtp"]["password"].encode(), challenge, "md5").hexdigest()
        assert session.command(b64(f"{inbox['name']} {digest.upper()}")).code == 235


def test_challenges_differ(server):
    with server.session() as session:
        challenges = set()
        for _ in range(5):
            challenges.add(session.command("AUTH CRAM-MD5").text)
            assert session.command("*").code == 501
        assert len(challenges) == 5


def test_refusals_take_longer_each_time_and_end_the_session(server):
    inbox = make(server)
    wrong = b64(f"\0{inbox['name']}\0wrong")
    with server.session() as session, server.session() as other:
        took = []
        while True:
            begun = time.monotonic()
            reply = session.command(f"AUTH PLAIN {wrong}")
            took.append(time.monotonic() - begun)
            if reply.code == 421:
                break
            assert reply.code == 535
            assert other.command("NOOP").code == 250, "nobody else waits"
        assert session.is_closed()
    assert len(took) <= 8
    assert took[0] > 0.2 and took[1] > 0.4 and took[2] > 0.9


def test_who_goes_away_while_a_refusal_waits(start):
    server = start()
    inbox = make(server)
    wrong = b64(f"\0{inbox['name']}\0wrong")
    for _ in range(20):
        session = server.session()
        session.send(f"AUTH PLAIN {wrong}\r\n")
        session.close()
    sessions = [server.session() for _ in range(5)]
    for session in sessions:
        session.send(f"AUTH PLAIN {wrong}\r\nAUTH PLAIN {wrong}\r\n")
    server.stop()  # waits for none of them
    for session in sessions:
        session.close()


def test_no_new_inboxes(start):
    server = start("--auto-create", "off")
    assert refusal(server, "nobody", "secret")[0] == 535
    send(server, "x", "default", get(server, "default")["smtp"]["password"])
    assert server.rest.get("/api/v1/inboxes").json()["total"] == 1


def test_as_many_inboxes_as_are_allowed(start):
    server = start("--max-inboxes", "2")
    send(server, "x", "second", "secret")
    code, text = refusal(server, "third", "secret")
    assert code == 454 and "--max-inboxes" in text
    send(server, "x", "second", "secret")


def test_login_required(start):
    server = start("--require-auth")
    with server.session() as session:
        assert session.command("MAIL FROM:<a@b.test>").code == 530
        assert session.command(f"AUTH PLAIN {b64(chr(0).join(('', 'app', 'x')))}").code == 235
        session.deliver(b"Subject: x\r\n\r\n")
    assert get(server, "app")["message_count"] == 1


def test_no_password_in_the_clear(start):
    server = start("--auth-needs-tls", "--starttls")
    inbox = make(server)
    assert refusal(server, inbox["name"], inbox["smtp"]["password"])[0] == 538
    send(server, "x", inbox["name"], inbox["smtp"]["password"], "CRAM-MD5")
    with server.tls_session() as session:
        line = b64(f"\0{inbox['name']}\0{inbox['smtp']['password']}")
        assert session.command(f"AUTH PLAIN {line}").code == 235


def test_an_inbox_that_goes_while_somebody_is_logged_in(server):
    inbox = make(server, ttl_seconds=1)
    with server.session() as session:
        line = b64(f"\0{inbox['name']}\0{inbox['smtp']['password']}")
        assert session.command(f"AUTH PLAIN {line}").code == 235
        until(lambda: server.rest.get(f"/api/v1/inboxes/{inbox['id']}").status == 404)


# ---- secrets ----

def test_no_password_of_a_client_is_kept(start):
    """Not in the database, its log, the log of the server or the API; not encoded either."""
    server = start("--log-level", "debug")
    inbox = make(server)
    secrets = [f"s3cret-of-a-client-{n}" for n in range(8)]
    send(server, "x", "app-one", secrets[0], "PLAIN")
    send(server, "x", "app-two", secrets[1], "LOGIN")
    send(server, "x", "app-three", secrets[2], "CRAM-MD5")
    refusal(server, inbox["name"], secrets[3], "PLAIN")
    refusal(server, inbox["name"], secrets[4], "LOGIN")
    with server.session() as session:
        assert session.command(f"AUTH PLAIN {b64(secrets[5])}").code == 501
        assert session.command("AUTH LOGIN").code == 334
        assert session.command(b64("app-four")).code == 334
        session.send(b64(secrets[6]))  # and is gone
    with server.session() as session:
        assert session.command(f"AUTH NTLM {b64(secrets[7])}").code == 504
    answers = b"".join(server.rest.get(f"/api/v1/{path}").body
                       for path in ("inboxes", "messages", "sessions", "info"))
    server.stop()
    kept = {path.name: path.read_bytes() for path in server.db.parent.iterdir() if path.is_file()}
    kept["the API"] = answers
    for n, secret in enumerate(secrets):
        users = ("app-one", "app-two", "app-three", inbox["name"], "app-four")
        shapes = {secret.encode(), b64(secret).encode()}
        for user in users:
            shapes.add(b64(f"\0{user}\0{secret}").encode())
        # Base64 of what stands in the middle of something, whatever its alignment.
        shapes |= {b64("x" * shift + secret)[4:-4].encode() for shift in (0, 1, 2)}
        for name, octets in kept.items():
            for shape in shapes:
                assert shape not in octets, f"secret {n} in {name}"


# ---- clients that people have ----

@pytest.mark.parametrize("mechanism", MECHANISMS)
def test_swaks(server, mechanism):
    inbox = make(server)
    host, port = server.smtp
    subprocess.run(["swaks", "--server", f"{host}:{port}", "--to", "x@example.test", "--from",
                    "a@b.test", "--auth", mechanism, "--auth-user", inbox["name"],
                    "--auth-password", inbox["smtp"]["password"], "--silent", "3"],
                   check=True, timeout=60)
    assert len(messages_in(server, inbox)) == 1


@pytest.mark.parametrize("mechanism", MECHANISMS)
def test_curl(server, mechanism, tmp_path):
    inbox = make(server)
    mail = tmp_path / "mail"
    mail.write_bytes(b"Subject: x\r\n\r\nhello\r\n")
    subprocess.run(["curl", "--silent", "--show-error", "--url", inbox["smtp"]["url"],
                    "--login-options", f"AUTH={mechanism}", "--mail-from", "a@b.test",
                    "--mail-rcpt", "x@example.test", "--upload-file", mail], check=True, timeout=60)
    assert len(messages_in(server, inbox)) == 1
