"""Whatever sends mail can send it here: the clients that people have, and what REST says then."""
import pathlib
import smtplib
import subprocess
from email.message import EmailMessage

import pytest

from wire import stored_id

CLIENTS = pathlib.Path(__file__).parent / "clients"


def run_client(*command, **options):
    result = subprocess.run(command, capture_output=True, text=True, timeout=60, **options)
    assert result.returncode == 0, result.stdout + result.stderr
    return result.stdout


def newsletter(recipient):
    message = EmailMessage()
    message["From"] = "Zoë Müller <zoe@shop.test>"
    message["To"] = f"Someone <{recipient}>"
    message["Subject"] = "Grüße – 20 % auf alles"
    message["Date"] = "Mon, 23 Nov 2026 12:00:00 +0100"
    message["Message-ID"] = "<newsletter-1@shop.test>"
    message.set_content("Hallo,\nalles ist billiger.\n.\nMit Punkt.\n")
    message.add_alternative("<p>Hallo, <b>alles</b> ist billiger.</p>", subtype="html")
    message.add_attachment(b"a;b\n1;2\n", maintype="text", subtype="csv", filename="Preise März.csv")
    return message


def test_smtplib(server, recipient):
    with smtplib.SMTP(*server.smtp) as client:
        client.send_message(newsletter(recipient))
    message = server.rest.sent_to(recipient)
    assert message["from"] == [{"name": "Zoë Müller", "address": "zoe@shop.test"}]
    assert message["to"] == [{"name": "Someone", "address": recipient}]
    assert message["subject"] == "Grüße – 20 % auf alles"
    assert message["date"] == "2026-11-23T11:00:00.000Z"
    assert message["message_id"] == "newsletter-1@shop.test"
    assert message["preview"].startswith("Hallo, alles ist billiger.")
    assert message["has_text"] and message["has_html"]
    assert message["inbox"] == "default"
    assert message["envelope"]["from"] == "zoe@shop.test"
    assert message["client"]["ip"] == "127.0.0.1"
    [attachment] = message["attachments"]
    assert attachment["filename"] == "Preise März.csv"
    assert attachment["content_type"] == "text/csv"
    assert attachment["size"] == 8
    assert not attachment["inline"]


def test_smtplib_with_addresses_in_utf8(server):
    message = EmailMessage()
    message["From"], message["To"] = "zoë@shop.test", "grüße@example.test"
    message["Subject"] = "SMTPUTF8"
    message.set_content("ü")
    with smtplib.SMTP(*server.smtp) as client:
        client.send_message(message)
    stored = server.rest.sent_to("grüße@example.test")
    assert stored["envelope"]["from"] == "zoë@shop.test"
    assert stored["envelope"]["smtputf8"] is True


def test_one_message_to_many_is_one_message(server, recipient):
    others = [f"other{i}-{recipient}" for i in range(20)]
    with smtplib.SMTP(*server.smtp) as client:
        client.sendmail("app@shop.test", [recipient, *others], b"Subject: many\r\n\r\nhello\r\n")
    assert server.rest.sent_to(recipient)["envelope"]["to"] == [recipient, *others]


def test_those_only_in_the_envelope_are_blind_copies(server, recipient):
    raw = b"To: a@example.test\r\nCc: b@example.test\r\nSubject: bcc\r\n\r\nhello\r\n"
    message_id = server.deliver(raw, to=["a@example.test", "b@example.test", recipient])
    assert server.rest.message(message_id)["bcc"] == [{"name": "", "address": recipient}]


def test_messages_of_one_session_are_told_apart(server):
    with server.session() as session:
        ids = [session.deliver(b"Subject: %d\r\n\r\n" % n) for n in range(5)]
    assert ids == sorted(set(ids))
    assert [server.rest.message(i)["subject"] for i in ids] == ["0", "1", "2", "3", "4"]


def test_null_sender(server, recipient):
    message_id = server.deliver(b"Subject: bounce\r\n\r\n", sender="", to=[recipient])
    assert server.rest.message(message_id)["envelope"]["from"] == ""


def test_helo_instead_of_ehlo(server):
    with server.session(hello=False) as session:
        assert session.command("HELO old.test").code == 250
        message_id = session.deliver(b"Subject: old\r\n\r\n")
    assert server.rest.message(message_id)["client"]["helo"] == "old.test"


@pytest.mark.parametrize("body, parameter", [("8BITMIME", " BODY=8BITMIME"), ("7BIT", " BODY=7BIT"),
                                             (None, "")])
def test_body_type(server, body, parameter):
    with server.session() as session:
        assert session.command(f"MAIL FROM:<a@b.test>{parameter} SIZE=100").code == 250
        assert session.command("RCPT TO:<c@d.test>").code == 250
        assert session.command("DATA").code == 354
        message_id = stored_id(session.finish(b"Subject: x\r\n\r\n\xfc\r\n"))
    assert server.rest.message(message_id)["envelope"]["body"] == body


def test_what_is_asked_of_notifications(server):
    with smtplib.SMTP(*server.smtp) as client:
        client.ehlo()
        assert client.has_extn("DSN")
        client.mail("app@shop.test", ["RET=HDRS", "ENVID=order+2B1+20of+202"])
        client.rcpt("ann@dsn.test", ["NOTIFY=SUCCESS,DELAY", "ORCPT=rfc822;Ann+2Bx@dsn.test"])
        client.rcpt("bob@dsn.test", ["NOTIFY=NEVER", r"ORCPT=utf-8;b\x{F6}b@dsn.test"])
        client.rcpt("cat@dsn.test")
        assert client.data(b"Subject: DSN\r\n\r\n")[0] == 250
    envelope = server.rest.sent_to("ann@dsn.test")["envelope"]
    assert envelope["ret"] == "HDRS"
    assert envelope["envid"] == "order+1 of 2"
    assert envelope["recipients"] == [
        {"address": "ann@dsn.test", "notify": ["SUCCESS", "DELAY"],
         "orcpt": "rfc822;Ann+x@dsn.test"},
        {"address": "bob@dsn.test", "notify": ["NEVER"], "orcpt": "utf-8;böb@dsn.test"},
        {"address": "cat@dsn.test", "notify": [], "orcpt": None},
    ]


def test_swaks(server, recipient):
    host, port = server.smtp
    run_client("swaks", "--server", host, "--port", str(port), "--from", "app@shop.test",
               "--to", recipient, "--header", "Subject: from swaks", "--body", "Hello from swaks",
               "--attach-type", "text/plain", "--attach-name", "a.txt", "--attach", "attached")
    message = server.rest.sent_to(recipient)
    assert message["subject"] == "from swaks"
    assert "Hello from swaks" in message["preview"]
    assert [a["filename"] for a in message["attachments"]] == ["a.txt"]


def test_swaks_with_pipelining(server, recipient):
    host, port = server.smtp
    run_client("swaks", "--server", host, "--port", str(port), "--pipeline", "--to", recipient)
    assert server.rest.sent_to(recipient)


def test_nodemailer(server, recipient):
    host, port = server.smtp
    output = run_client("node", "nodemailer.js", host, str(port), recipient, cwd=CLIENTS)
    message = server.rest.sent_to(recipient)
    assert output.strip() == f"250 2.0.0 Ok: stored as {message['id']}"
    assert message["from"] == [{"name": "Shop, Zoë's", "address": "app@shop.test"}]
    assert message["subject"] == "Grüße aus Node"
    attachments = {a["filename"]: a for a in message["attachments"]}
    assert set(attachments) == {"Rechnung März.pdf", "logo.png"}
    assert attachments["logo.png"]["content_id"] == "logo"
    assert attachments["logo.png"]["inline"] and not attachments["Rechnung März.pdf"]["inline"]
    text = server.rest.get(f"/api/v1/messages/{message['id']}/text").body.decode()
    assert text.replace("\r\n", "\n").rstrip() == "Ihr Paket ist da.\n.\nEine Zeile mit Punkt."
    html = server.rest.get(f"/api/v1/messages/{message['id']}/html").body.decode()
    assert "Ihr <b>Paket</b> ist da." in html


def test_curl(server, recipient, tmp_path):
    file = tmp_path / "message.eml"
    file.write_bytes(b"From: app@shop.test\nSubject: from curl\n\n.dots\n..at\n.\nlines\n")
    host, port = server.smtp
    run_client("curl", "--silent", "--show-error", "--crlf", f"smtp://{host}:{port}/client.test",
               "--mail-from", "app@shop.test", "--mail-rcpt", recipient,
               "--upload-file", str(file))
    message = server.rest.sent_to(recipient)
    assert message["client"]["helo"] == "client.test"
    assert server.rest.raw(message["id"]) == file.read_bytes().replace(b"\n", b"\r\n")
