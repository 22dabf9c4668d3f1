"""Mail servers that send on: they take us for one of their own, and use all that we offer."""
import smtplib
from email.message import EmailMessage

import pytest

from program import Program
from relays import Exim, Postfix


@pytest.fixture(scope="module")
def relayed(tmp_path_factory):
    """A server that offers TLS, and a relay before it that speaks plainly."""
    program = Program(tmp_path_factory.mktemp("relayed"), "--starttls", "on")
    with Postfix(program.smtp) as postfix:
        yield program, postfix
    program.stop()


@pytest.fixture
def ca(relayed, tmp_path):
    path = tmp_path / "ca.pem"
    path.write_bytes(relayed[0].rest.get("/ca.pem").body)
    return path


def await_message(server, recipient):
    answer = server.rest.get("/api/v1/inboxes/default/wait", query=f"rcpt:{recipient}")
    assert answer.status == 200, answer
    return answer.json()["items"][0]


def plain(subject, to="you@example.test"):
    return f"From: app@shop.test\r\nTo: {to}\r\nSubject: {subject}\r\n\r\nHello\r\n.\r\nBye\r\n".encode()


def test_postfix(relayed, recipient):
    server, postfix = relayed
    with postfix.client() as client:
        client.sendmail("app@shop.test", [recipient, f"other-{recipient}"],
                        plain("by Postfix", recipient))
    message = await_message(server, recipient)
    assert sorted(message["envelope"]["to"]) == [f"other-{recipient}", recipient]
    assert message["client"]["helo"] == "relay.test"
    raw = server.rest.raw(message["id"])
    assert raw.startswith(b"Received: from") and raw.endswith(b"Hello\r\n.\r\nBye\r\n")
    assert message["warnings"] == []


def put_faults(server, *rules):
    answer = server.rest.send_json("PUT", "/api/v1/faults", {"rules": rules})
    assert answer.status == 200, answer


@pytest.mark.parametrize("fault", [
    {"stage": "rcpt", "reply": {"code": 450}}, {"stage": "data_end", "reply": {"code": 451}},
    {"stage": "data_end", "drop": True}, {"stage": "rcpt", "greylist": {"seconds": 0}}],
    ids=["450", "451", "drop", "greylist"])
def test_postfix_tries_again(relayed, recipient, fault):
    server, postfix = relayed
    put_faults(server, {"times": 2, "sender": "again@shop.test"} | fault)
    try:
        with postfix.client() as client:
            client.sendmail("again@shop.test", [recipient], plain("again", recipient))
        await_message(server, recipient)
        [rule] = server.rest.get("/api/v1/faults").json()["rules"]
        assert rule["hits"] == (1 if "greylist" in fault else 2)
    finally:
        server.rest.delete("/api/v1/faults")


@pytest.mark.parametrize("fault", [{"stage": "rcpt", "reply": {"code": 550, "text": "Nobody here"}},
                                   {"stage": "data_end", "reply": {"code": 554}}],
                         ids=["550", "554"])
def test_postfix_bounces(relayed, recipient, fault):
    """It says so to the sender, with what we said."""
    server, postfix = relayed
    sender = f"sender-{recipient}"
    put_faults(server, fault | {"sender": sender})
    try:
        with postfix.client() as client:
            client.sendmail(sender, [recipient], plain("bounced", recipient))
        bounce = await_message(server, sender)
        assert bounce["envelope"]["from"] == ""
        text = server.rest.get(f"/api/v1/messages/{bounce['id']}/text").body.decode()
        assert f"<{recipient}>" in text and str(fault["reply"]["code"]) in text
        [rule] = server.rest.get("/api/v1/faults").json()["rules"]
        assert rule["hits"] == 1
    finally:
        server.rest.delete("/api/v1/faults")


def test_postfix_asks_for_notifications(relayed, recipient):
    server, postfix = relayed
    with postfix.client() as client:
        client.sendmail("app@shop.test", [recipient], plain("DSN"), ["RET=HDRS", "ENVID=order-1"],
                        ["NOTIFY=SUCCESS,FAILURE", f"ORCPT=rfc822;{recipient}"])
    envelope = await_message(server, recipient)["envelope"]
    assert (envelope["ret"], envelope["envid"]) == ("HDRS", "order-1")
    assert envelope["recipients"] == [{"address": recipient, "notify": ["SUCCESS", "FAILURE"],
                                       "orcpt": f"rfc822;{recipient}"}]
    assert "will be notified" not in postfix.log()  # it has left that to us


def test_postfix_sends_smtputf8(relayed):
    server, postfix = relayed
    message = EmailMessage()
    message["From"], message["To"] = "zoë@shop.test", "grüße@example.test"
    message["Subject"] = "Grüße"
    message.set_content("ü")
    with postfix.client() as client:
        client.send_message(message)
    envelope = await_message(server, "grüße@example.test")["envelope"]
    assert envelope["smtputf8"] is True and envelope["body"] == "8BITMIME"
    assert envelope["recipients"][0]["orcpt"] == "rfc822;grüße@example.test"


def test_postfix_sends_much(relayed, recipient):
    """Several connections at once, kept for more than one message each."""
    server, postfix = relayed
    count = 100
    with postfix.client() as client:
        for number in range(count):
            client.sendmail("app@shop.test", [recipient], plain(str(number)))
    answer = server.rest.get("/api/v1/inboxes/default/wait", query=f"rcpt:{recipient}", count=count)
    assert sorted(int(m["subject"]) for m in answer.json()["items"]) == list(range(count))


@pytest.mark.parametrize("level", ["encrypt", "verify"])
def test_postfix_insists_on_tls(relayed, recipient, ca, level):
    server, _ = relayed
    settings = {"smtp_tls_security_level": level, "smtp_tls_CAfile": ca,
                "smtp_tls_verify_cert_match": "localhost", "smtp_tls_loglevel": "1"}
    with Postfix(server.smtp, **settings) as postfix:
        with postfix.client() as client:
            client.sendmail("app@shop.test", [recipient], plain("TLS"))
        message = await_message(server, recipient)
        assert message["client"]["tls"] == "TLS1.3"
        if level == "verify":
            postfix.await_log("Verified TLS connection established")


def test_postfix_logs_in(relayed, recipient):
    server, _ = relayed
    inbox = server.rest.send_json("POST", "/api/v1/inboxes", {"name": "postfix"}).json()
    login = f"{inbox['smtp']['username']}:{inbox['smtp']['password']}"
    settings = {"smtp_sasl_auth_enable": "yes", "smtp_sasl_security_options": "",
                "smtp_sasl_password_maps": "inline:{{[%s]:%d=%s}}" % (*server.smtp, login)}
    with Postfix(server.smtp, **settings) as postfix:
        with postfix.client() as client:
            client.sendmail("app@shop.test", [recipient], plain("login"))
        answer = server.rest.get("/api/v1/inboxes/postfix/wait", query="subject:login")
    [message] = answer.json()["items"]
    assert message["client"]["username"] == "postfix"


def test_exim_sends_in_chunks(relayed, recipient):
    server, _ = relayed
    with Exim(server.smtp) as exim:
        exim.send(b"Subject: by Exim\n\nHello\n.\nBye\n", "app@shop.test", recipient)
        assert 'K C="250 2.0.0 Ok: stored as' in exim.log()  # K: with CHUNKING
    message = await_message(server, recipient)
    assert server.rest.raw(message["id"]).endswith(b"Hello\r\n.\r\nBye\r\n")


def test_exim_insists_on_tls(relayed, recipient, ca):
    server, _ = relayed
    with Exim(server.smtp, ca=ca) as exim:
        exim.send(b"Subject: by Exim\n\nHello\n", "app@shop.test", recipient)
        assert " => " in exim.log(), exim.log()
    assert await_message(server, recipient)["client"]["tls"] == "TLS1.3"
