"""The clients that applications use, as they use them: with login, TLS, pools and notifications,
into the right inbox; and what each makes of a refusal."""
import asyncio
import json
import pathlib
import subprocess

import aiosmtplib
import pytest

from program import Program
from test_inboxes import make, messages_in

CLIENTS = pathlib.Path(__file__).parent / "clients"
RAW = (b"Message-ID: <1@shop.test>\r\nDate: Mon, 24 Nov 2025 16:00:00 +0000\r\nFrom: app@shop.test\r\n"
       b"To: you@example.test\r\nSubject: hello\r\n\r\nHello\r\n.\r\nBye\r\n")


@pytest.fixture(scope="module")
def tls_program(tmp_path_factory):
    program = Program(tmp_path_factory.mktemp("clients"), "--starttls", "on", "--smtps-listen",
                      "127.0.0.1:0")
    yield program
    program.stop()


@pytest.fixture
def server(tls_program):
    start = tls_program.log_size()
    yield tls_program
    tls_program.check_log(start)


@pytest.fixture
def ca(server, tmp_path):
    path = tmp_path / "ca.pem"
    path.write_bytes(server.rest.get("/ca.pem").body)
    return str(path)


def run_client(*command, text=b""):
    return subprocess.run(list(map(str, command)), input=text, capture_output=True, timeout=60)


def the_one(server, inbox):
    [message] = messages_in(server, inbox)
    return message


# ---- Nodemailer ----

def nodemailer(server, count=1, ca=None, message=None, **transport):
    options = {"count": count, "ca": ca, "message": {
        "from": "app@shop.test", "to": "you@example.test", "text": "Hello\n.\nBye", **(message or {})},
        "transport": {"host": "localhost", "port": server.smtp[1], **transport}}
    if not ca:
        options["transport"].setdefault("ignoreTLS", True)
    result = run_client("node", CLIENTS / "transport.js", json.dumps(options))
    assert result.returncode == 0, result.stderr
    return json.loads(result.stdout)


def login_of(inbox, **more):
    return {"user": inbox["smtp"]["username"], "pass": inbox["smtp"]["password"], **more}


@pytest.mark.parametrize("tls", ["plain", "starttls", "tls"])
@pytest.mark.parametrize("method", ["PLAIN", "LOGIN", "CRAM-MD5"])
def test_nodemailer_logs_in(server, ca, tls, method):
    inbox = make(server)
    how = {"plain": {}, "starttls": {"ca": ca, "requireTLS": True},
           "tls": {"ca": ca, "secure": True, "port": server.smtps[1]}}[tls]
    [sent] = nodemailer(server, auth=login_of(inbox), authMethod=method, **how)
    assert sent["response"].startswith("250 2.0.0 Ok: stored as")
    message = the_one(server, inbox)
    assert message["client"]["username"] == inbox["name"]
    assert message["client"]["tls"] == (None if tls == "plain" else "TLS1.3")


def test_a_pool_of_nodemailer(server, ca):
    inbox = make(server)
    sent = nodemailer(server, 50, ca, pool=True, maxConnections=3, maxMessages=5,
                      auth=login_of(inbox))
    assert all(answer["response"].startswith("250") for answer in sent)
    messages = messages_in(server, inbox)
    assert sorted(int(m["subject"]) for m in messages) == list(range(50))
    assert len({m["session_id"] for m in messages}) >= 10  # five on each


def put_faults(server, inbox, *rules):
    answer = server.rest.send_json("PUT", f"/api/v1/inboxes/{inbox['id']}/faults",
                                   {"rules": rules})
    assert answer.status == 200, answer


@pytest.mark.parametrize("fault", [{"stage": "mail", "reply": {"code": 421}},
                                   {"stage": "data_end", "drop": True}], ids=["421", "drop"])
def test_a_pool_of_nodemailer_reconnects(server, fault):
    """What was being sent fails, or is sent again; all that comes after it goes by a new connection."""
    inbox = make(server)
    put_faults(server, inbox, fault | {"after": 5, "times": 1})
    sent = nodemailer(server, 20, pool=True, maxConnections=1, auth=login_of(inbox))
    failed = [answer for answer in sent if "response" not in answer]
    assert len(failed) <= 1, failed
    messages = messages_in(server, inbox)
    assert len(messages) == 20 - len(failed)
    assert len({m["session_id"] for m in messages}) == 2


@pytest.mark.parametrize("code", [450, 550])
def test_nodemailer_hears_of_a_refused_recipient(server, code):
    inbox = make(server)
    put_faults(server, inbox, {"stage": "rcpt", "reply": {"code": code, "text": "No"}})
    [failed] = nodemailer(server, auth=login_of(inbox))
    assert failed["code"] == "EENVELOPE" and failed["responseCode"] == code
    assert messages_in(server, inbox) == []


def test_nodemailer_asks_for_notifications(server):
    inbox = make(server)
    nodemailer(server, auth=login_of(inbox), message={"dsn": {
        "id": "order 1", "return": "headers", "notify": ["failure", "delay"],
        "recipient": "orig@example.test"}})
    envelope = the_one(server, inbox)["envelope"]
    assert (envelope["ret"], envelope["envid"]) == ("HDRS", "order 1")
    assert envelope["recipients"] == [{"address": "you@example.test", "orcpt": "rfc822;orig@example.test",
                                       "notify": ["FAILURE", "DELAY"]}]


def test_nodemailer_hears_that_there_is_no_xoauth2(server):
    [failed] = nodemailer(server, auth={"type": "OAuth2", "user": "ann", "accessToken": "secret"})
    assert failed["code"] == "EAUTH" and failed["responseCode"] == 504


def test_nodemailer_hears_of_a_wrong_password(server):
    inbox = make(server)
    [failed] = nodemailer(server, auth=login_of(inbox) | {"pass": "wrong"})
    assert failed["code"] == "EAUTH" and failed["responseCode"] == 535
    assert messages_in(server, inbox) == []


def test_nodemailer_refuses_a_certificate_it_does_not_know(server):
    """What makes STARTTLS nothing to offer without being asked."""
    [failed] = nodemailer(server, ignoreTLS=False)
    assert failed["code"] == "ESOCKET", failed


# ---- Python ----

@pytest.mark.parametrize("tls", ["plain", "starttls", "tls"])
def test_aiosmtplib(server, tls):
    """Thirty at once, each with a connection of its own."""
    inbox = make(server)
    context = server.trust()
    host, port = server.smtps if tls == "tls" else server.smtp

    async def send_all():
        how = {"plain": {"start_tls": False}, "starttls": {"start_tls": True},
               "tls": {"use_tls": True}}[tls]
        if tls != "plain":
            how["tls_context"] = context
        await asyncio.gather(*[aiosmtplib.send(
            RAW, sender="app@shop.test", recipients=["you@example.test"], hostname=host, port=port,
            username=inbox["smtp"]["username"], password=inbox["smtp"]["password"], **how)
            for _ in range(30)])

    asyncio.run(send_all())
    messages = messages_in(server, inbox)
    assert len(messages) == 30
    assert {server.rest.raw(m["id"]) for m in messages} == {RAW}


def test_aiosmtplib_hears_of_a_wrong_password(server):
    inbox = make(server)
    with pytest.raises(aiosmtplib.SMTPAuthenticationError) as error:
        asyncio.run(aiosmtplib.send(
            RAW, sender="app@shop.test", recipients=["you@example.test"], hostname="127.0.0.1",
            port=server.smtp[1], start_tls=False, username=inbox["smtp"]["username"],
            password="wrong"))
    assert error.value.code == 535


# ---- of the command line ----

TLS_OF_MSMTP = {
    "plain": ["--tls=off"], "starttls": ["--tls=on", "--tls-starttls=on"],
    "tls": ["--tls=on", "--tls-starttls=off"]}


@pytest.mark.parametrize("tls", TLS_OF_MSMTP)
@pytest.mark.parametrize("method", ["plain", "login", "cram-md5"])
def test_msmtp(server, ca, tls, method):
    inbox = make(server)
    port = server.smtps[1] if tls == "tls" else server.smtp[1]
    trust = [] if tls == "plain" else [f"--tls-trust-file={ca}"]
    result = run_client(
        "msmtp", "--host=localhost", f"--port={port}", "--from=app@shop.test", f"--auth={method}",
        f"--user={inbox['smtp']['username']}", f"--passwordeval=echo {inbox['smtp']['password']}",
        *TLS_OF_MSMTP[tls], *trust, "you@example.test", text=RAW.replace(b"\r\n", b"\n"))
    assert result.returncode == 0, result.stderr
    message = the_one(server, inbox)
    assert server.rest.raw(message["id"]) == RAW
    assert message["client"]["tls"] == (None if tls == "plain" else "TLS1.3")


@pytest.mark.parametrize("method", ["PLAIN", "LOGIN", "CRAM-MD5"])
@pytest.mark.parametrize("tls", ["plain", "tls"])
def test_curl(server, ca, tmp_path, method, tls):
    inbox = make(server)
    path = tmp_path / "message"
    path.write_bytes(RAW)
    result = run_client(
        "curl", "--silent", "--show-error", f"smtp://localhost:{server.smtp[1]}", "--mail-from",
        "app@shop.test", "--mail-rcpt", "you@example.test", "--upload-file", path, "--user",
        f"{inbox['smtp']['username']}:{inbox['smtp']['password']}", "--login-options",
        f"AUTH={method}", *(["--ssl-reqd", "--cacert", ca] if tls == "tls" else []))
    assert result.returncode == 0, result.stderr
    message = the_one(server, inbox)
    assert server.rest.raw(message["id"]) == RAW


def test_curl_hears_of_a_wrong_password(server, tmp_path):
    inbox = make(server)
    path = tmp_path / "message"
    path.write_bytes(RAW)
    result = run_client(
        "curl", "--silent", "--show-error", f"smtp://localhost:{server.smtp[1]}", "--mail-from",
        "app@shop.test", "--mail-rcpt", "you@example.test", "--upload-file", path, "--user",
        f"{inbox['smtp']['username']}:wrong")
    assert result.returncode == 67, result.stderr  # login denied


@pytest.mark.parametrize("method", ["PLAIN", "LOGIN", "CRAM-MD5"])
def test_swaks(server, ca, method):
    inbox = make(server)
    result = run_client(
        "swaks", "--server", "localhost", "--port", server.smtp[1], "--from", "app@shop.test",
        "--to", "you@example.test", "--auth", method, "--auth-user", inbox["smtp"]["username"],
        "--auth-password", inbox["smtp"]["password"], "--tls", "--tls-verify", "--tls-ca-path", ca)
    assert result.returncode == 0, result.stdout
    assert the_one(server, inbox)["client"]["username"] == inbox["name"]
