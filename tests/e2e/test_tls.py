"""SMTP inside TLS: STARTTLS and implicit, with the clients that people have, and against those who
mean no good."""
import pathlib
import re
import signal
import smtplib
import socket
import ssl
import subprocess

import pytest

from program import Program, run, until
from wire import Session, end_sending

CLIENTS = pathlib.Path(__file__).parent / "clients"
SMTPS = ("--smtps-listen", "127.0.0.1:0")
RAW = b"Subject: encrypted\r\n\r\nhello\r\n"


@pytest.fixture(scope="module")
def tls_program(tmp_path_factory):
    program = Program(tmp_path_factory.mktemp("tls"), "--starttls", "--tls-name", "mx.test", *SMTPS)
    yield program
    program.stop()


@pytest.fixture
def server(tls_program):
    assert tls_program.process.poll() is None, "it ended in an earlier test"
    begin = tls_program.log_size()
    yield tls_program
    tls_program.check_log(begin)


@pytest.fixture
def ca(server, tmp_path):
    path = tmp_path / "ca.pem"
    path.write_bytes(server.rest.get("/ca.pem").body)
    return str(path)


def run_client(*command, code=0, text="", **options):
    result = subprocess.run(list(map(str, command)), input=text, capture_output=True, text=True,
                            timeout=60, **options)
    assert (result.returncode == 0) == (code == 0), result.stdout + result.stderr
    return result.stdout + result.stderr


def tls_socket(address, context, name="localhost"):
    return context.wrap_socket(socket.create_connection(address, 30), server_hostname=name)


def blind():
    """A client that trusts anybody."""
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    return context


def offers(session):
    return session.command("EHLO client.test").lines[1:]


def logged(server, pattern, start=0):
    return until(lambda: re.search(pattern, server.log(start)))


# ---- what is offered ----

def test_starttls_is_offered_only_where_asked_for(start):
    """A client that takes whatever is offered would not trust the CA, and send nothing."""
    server = start(db=":memory:")
    with server.session(hello=False) as session:
        assert "STARTTLS" not in offers(session)
        assert session.command("STARTTLS").code == 502
    assert logged(server, r'level=info .*"STARTTLS is not offered; --starttls offers it"')


def test_starttls_is_offered_outside_tls_only(server):
    with server.session(hello=False) as session:
        assert "STARTTLS" in offers(session)
        session.start_tls(server.trust())
        assert "STARTTLS" not in offers(session)
        assert session.command("STARTTLS").code == 503
    with tls_socket(server.smtps, server.trust()) as sock:
        sock.sendall(b"EHLO client.test\r\nQUIT\r\n")
        assert b"STARTTLS" not in b"".join(iter(lambda: sock.recv(1000), b""))


def test_listeners_are_told(server):
    listeners = server.rest.get("/api/v1/info").json()["listeners"]
    assert listeners[0] == {"protocol": "smtp", "host": "127.0.0.1", "port": server.smtp[1]}
    assert listeners[1] == {"protocol": "smtps", "host": "127.0.0.1", "port": server.smtps[1]}


def test_require_tls(start):
    server = start("--require-tls")
    with server.session() as session:
        assert session.command("MAIL FROM:<a@b.test>").code == 530
        session.start_tls(server.trust())
        assert session.command("EHLO client.test").code == 250
        session.deliver(RAW)


# ---- clients ----

def test_smtplib_with_starttls(server, recipient):
    with smtplib.SMTP("localhost", server.smtp[1]) as client:
        client.starttls(context=server.trust())
        client.sendmail("app@shop.test", [recipient], RAW)
    message = server.rest.sent_to(recipient)
    assert server.rest.raw(message["id"]) == RAW
    assert message["client"]["tls"] == "TLS1.3"
    assert message["client"]["cipher"].startswith("TLS_")


def test_smtplib_inside_tls(server, recipient):
    with smtplib.SMTP_SSL("127.0.0.1", server.smtps[1], context=server.trust()) as client:
        client.sendmail("app@shop.test", [recipient], RAW)
    assert server.rest.sent_to(recipient)["client"]["tls"] == "TLS1.3"


def test_plain_is_told_from_tls(server, recipient):
    message = server.rest.message(server.deliver(RAW, to=[recipient]))
    assert message["client"]["tls"] is None and message["client"]["cipher"] is None


def test_tls_1_2(server, recipient):
    context = server.trust()
    context.maximum_version = ssl.TLSVersion.TLSv1_2
    with smtplib.SMTP_SSL("localhost", server.smtps[1], context=context) as client:
        client.sendmail("app@shop.test", [recipient], RAW)
    message = server.rest.sent_to(recipient)
    assert message["client"]["tls"] == "TLS1.2"
    assert re.fullmatch(r"TLS_ECDHE_ECDSA_\w+", message["client"]["cipher"])


@pytest.mark.parametrize("name", ["localhost", "127.0.0.1", "mx.test"])
def test_openssl_verifies(server, ca, name):
    kind = "-verify_ip" if name[0].isdigit() else "-verify_hostname"
    for address, how in ((server.smtp, ["-starttls", "smtp"]), (server.smtps, [])):
        output = run_client("openssl", "s_client", "-connect", "127.0.0.1:%d" % address[1], *how,
                            "-CAfile", ca, "-verify_return_error", kind, name, text="QUIT\n")
        assert "Verification: OK" in output


def test_openssl_sees_a_name_that_is_not_in_it(server, ca):
    output = run_client("openssl", "s_client", "-connect", "127.0.0.1:%d" % server.smtps[1],
                        "-CAfile", ca, "-verify_return_error", "-verify_hostname", "other.test",
                        code=1)
    assert "hostname mismatch" in output


@pytest.mark.parametrize("how", [["--starttls-proto=smtp"], []])
def test_gnutls_cli_verifies(server, ca, how):
    address = server.smtp if how else server.smtps
    output = run_client("gnutls-cli", *how, "--x509cafile", ca, "--port", address[1], "localhost",
                        text="QUIT\n")
    assert "The certificate is trusted" in output and "Handshake was completed" in output


@pytest.mark.parametrize("how", ["--tls", "--tls-on-connect"])
def test_swaks(server, recipient, ca, how):
    port = server.smtp[1] if how == "--tls" else server.smtps[1]
    run_client("swaks", "--server", "localhost", "--port", port, how, "--tls-verify",
               "--tls-ca-path", ca, "--to", recipient, "--from", "app@shop.test")
    assert server.rest.sent_to(recipient)["client"]["tls"] == "TLS1.3"


@pytest.mark.parametrize("scheme", ["smtp", "smtps"])
def test_curl(server, recipient, ca, scheme, tmp_path):
    port = server.smtp[1] if scheme == "smtp" else server.smtps[1]
    (tmp_path / "message.eml").write_bytes(RAW)
    run_client("curl", "--silent", "--show-error", "--ssl-reqd", "--cacert", ca,
               f"{scheme}://localhost:{port}", "--mail-from", "app@shop.test", "--mail-rcpt",
               recipient, "--upload-file", tmp_path / "message.eml")
    assert server.rest.sent_to(recipient)["client"]["tls"].startswith("TLS1.")


def test_nodemailer(server, recipient, ca):
    run_client("node", "nodemailer.js", "localhost", server.smtp[1], recipient, ca, cwd=CLIENTS)
    assert server.rest.sent_to(recipient)["client"]["tls"] == "TLS1.3"


# ---- what is said in the clear ----

def test_what_came_before_tls_is_forgotten(server):
    with server.session() as session:
        assert session.command("MAIL FROM:<a@b.test>").code == 250
        assert session.command("RSET").code == 250
        session.start_tls(server.trust())
        assert session.command("MAIL FROM:<a@b.test>").code == 503
        assert session.command("EHLO again.test").code == 250
        message = server.rest.message(session.deliver(RAW))
    assert message["client"]["helo"] == "again.test"


def test_nothing_is_injected_behind_starttls(server):
    with server.session() as session:
        session.send("STARTTLS\r\nEHLO injected.test\r\nMAIL FROM:<injected@b.test>\r\n")
        assert session.reply().code == 220
        session.file.close()
        session.socket = server.trust().wrap_socket(session.socket, server_hostname="localhost")
        session.file = session.socket.makefile("rb")
        assert session.command("RCPT TO:<c@d.test>").code == 503
        assert session.command("EHLO client.test").code == 250
        assert session.command("RCPT TO:<c@d.test>").code == 503


# ---- ends ----

def test_tls_is_ended_in_order(server):
    for context in (server.trust(), blind()):
        with server.tls_session(context) as session:
            assert session.command("QUIT").code == 221
            session.socket.unwrap()  # raises, if the end was not told


def test_a_client_may_tell_the_end_first(server):
    """All that it said before is still answered, and its message kept."""
    incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
    tls = server.trust().wrap_bio(incoming, outgoing, server_hostname="localhost")
    with socket.create_connection(server.smtps, 30) as sock:
        def exchange(step):
            while True:
                try:
                    result = step()
                except ssl.SSLWantReadError:
                    result = None
                sock.sendall(outgoing.read())
                if result is not None:
                    return result
                if not (octets := sock.recv(65536)):
                    incoming.write_eof()
                incoming.write(octets)

        exchange(lambda: tls.do_handshake() or True)
        tls.write(b"EHLO c.test\r\nMAIL FROM:<a@b.test>\r\nRCPT TO:<c@d.test>\r\nDATA\r\n"
                  b"Subject: last words\r\n\r\n.\r\n")
        with pytest.raises(ssl.SSLWantReadError):
            tls.unwrap()
        said = b""
        with pytest.raises(ssl.SSLZeroReturnError):  # the end, told in order
            while True:
                said += exchange(lambda: tls.read(65536))
    stored = re.search(rb"stored as (\d+)", said)
    assert server.rest.message(int(stored[1]))["subject"] == "last words"


def test_a_client_that_closes_its_side_is_told_the_end(server):
    sock = socket.create_connection(server.smtps, 30)
    with server.trust().wrap_socket(sock, server_hostname="localhost",
                                    suppress_ragged_eofs=False) as sock:
        sock.sendall(b"EHLO client.test\r\n")
        end_sending(sock)
        said = b"".join(iter(lambda: sock.recv(1000), b""))  # raises, if the end was not told
    assert said.endswith(b"250 HELP\r\n")


def test_a_client_that_only_vanishes_does_no_harm(server):
    for _ in range(10):
        session = server.tls_session()
        session.begin()
        session.send(b"Subject: half")
        session.socket.close()
    with server.tls_session() as session:
        session.deliver(RAW)


def test_stopping_is_told_inside_tls(start):
    server = start("--starttls", *SMTPS)
    with server.tls_session() as inside, server.session() as shaking:
        assert shaking.command("STARTTLS").code == 220
        with socket.create_connection(server.smtps, 30):
            server.send_signal(signal.SIGTERM)
            assert inside.reply().code == 421
            assert shaking.is_closed()
            assert server.wait() == 0


# ---- those who mean no good ----

@pytest.mark.parametrize("version", ["tls1", "tls1_1"])
def test_old_versions_are_refused(server, version):
    begin = server.log_size()
    output = run_client("openssl", "s_client", "-connect", "127.0.0.1:%d" % server.smtps[1],
                        f"-{version}", "-cipher", "DEFAULT@SECLEVEL=0", code=1)
    assert "alert protocol version" in output
    assert logged(server, r'level=info .*"TLS failed".* reason=', begin)


def test_renegotiation_is_refused(server):
    begin = server.log_size()
    with subprocess.Popen(["openssl", "s_client", "-connect", "127.0.0.1:%d" % server.smtps[1],
                           "-tls1_2"], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                          stderr=subprocess.DEVNULL) as client:
        while b"220 " not in client.stdout.readline():
            pass
        client.stdin.write(b"R\n")
        client.stdin.flush()
        assert logged(server, r"asked for renegotiation", begin)
        client.stdin.close()
        client.stdout.read()


@pytest.mark.parametrize("octets", [b"EHLO client.test\r\n", b"GET / HTTP/1.1\r\n\r\n", bytes(5000)])
def test_what_is_no_tls_is_closed(server, octets):
    begin = server.log_size()
    with socket.create_connection(server.smtps, 30) as sock:
        sock.sendall(octets)
        answer = b"".join(iter(lambda: sock.recv(1000), b""))
    assert len(answer) < 100 and b"220" not in answer  # an alert at most
    assert logged(server, r'"TLS failed"', begin)
    assert server.log(begin).count("TLS failed") == 1


def test_garbage_without_end_is_not_kept(server):
    """64 MB of it; the server hears none of it, and hangs up."""
    with server.session() as session:
        assert session.command("STARTTLS").code == 220
        try:
            for _ in range(1024):
                session.send(bytes(65536))
        except ConnectionError:
            pass
    with server.tls_session() as session:
        session.deliver(RAW)


def test_a_handshake_has_an_end(start):
    server = start("--starttls", "--idle-timeout", "1s", *SMTPS)
    hello = b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03"
    with socket.create_connection(server.smtps, 30) as silent, \
            server.session(hello=False) as slow:
        slow.send("EHLO client.test\r\nSTARTTLS\r\n")
        assert slow.replies(2) == [250, 220]
        slow.send(hello)
        assert silent.recv(1000) == b""
        assert slow.is_closed()
    until(lambda: server.log().count('reason="the handshake takes too long"') == 2)


def test_a_handshake_takes_a_place(start):
    server = start("--starttls", "--max-connections", "2", *SMTPS)
    with server.session() as first, server.session() as second:
        assert first.command("STARTTLS").code == second.command("STARTTLS").code == 220
        with Session(server.smtp) as third:
            assert third.greeting.code == 421
        with socket.create_connection(server.smtps, 30) as fourth:
            assert fourth.recv(1000) == b""


def test_others_are_served_during_handshakes(server, recipient):
    sockets = [socket.create_connection(server.smtps, 30) for _ in range(200)]
    for sock in sockets:
        sock.sendall(b"\x16\x03\x01")
    with server.tls_session() as session:
        session.deliver(RAW, to=[recipient])
    for sock in sockets:
        sock.close()


def test_large_message(server):
    raw = b"Subject: large\r\n\r\n" + b"".join(b"%080d\r\n" % n for n in range(50_000))
    with server.tls_session() as session:
        message_id = session.deliver(raw)
    assert server.rest.raw(message_id) == raw


def test_many_messages_pipelined(server):
    """More replies than TLS and the socket take at once, to a client that reads late."""
    with server.tls_session() as session:
        session.send("NOOP\r\n" * 20_000)
        assert session.replies(20_000) == [250] * 20_000


# ---- certificates ----

def make_pair(folder, name, subject="mine.test"):
    cert, key = folder / f"{name}.pem", folder / f"{name}.key"
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt",
                    "ec_paramgen_curve:prime256v1", "-nodes", "-keyout", key, "-out", cert, "-subj",
                    f"/CN={subject}", "-addext", f"subjectAltName=DNS:{subject}"], check=True,
                   capture_output=True)
    return cert, key


def install(pair, cert, key):
    cert.write_bytes(pair[0].read_bytes())
    key.write_bytes(pair[1].read_bytes())


def shown(server):
    with tls_socket(server.smtps, blind()) as sock:
        return ssl.DER_cert_to_PEM_cert(sock.getpeercert(True))


def test_the_users_pair(start, tmp_path):
    cert, key = make_pair(tmp_path, "mine")
    server = start("--tls-cert", cert, "--tls-key", key, *SMTPS)
    with server.session() as session:
        assert "STARTTLS" in offers(session)
        session.start_tls(server.trust(cert), "mine.test")
        assert session.command("EHLO client.test").code == 250
    assert server.rest.get("/ca.pem").status == 404
    assert not (server.db.parent / "tls").exists()


def test_sighup_takes_a_new_pair(start, tmp_path):
    cert, key = tmp_path / "cert.pem", tmp_path / "key.pem"
    first, second = make_pair(tmp_path, "first"), make_pair(tmp_path, "second")
    install(first, cert, key)
    server = start("--tls-cert", cert, "--tls-key", key, *SMTPS)
    assert shown(server) == first[0].read_text()
    with server.tls_session(blind()) as old:
        install(second, cert, key)
        server.send_signal(signal.SIGHUP)
        assert logged(server, r'msg="new certificate"')
        assert shown(server) == second[0].read_text()
        old.deliver(RAW)


def test_sighup_keeps_the_old_pair_rather_than_a_bad_one(start, tmp_path):
    cert, key = tmp_path / "cert.pem", tmp_path / "key.pem"
    first = make_pair(tmp_path, "first")
    install(first, cert, key)
    server = start("--tls-cert", cert, "--tls-key", key, *SMTPS)
    key.write_bytes(make_pair(tmp_path, "second")[1].read_bytes())
    server.expect_error("the certificate stays as it was")
    server.send_signal(signal.SIGHUP)
    assert "does not belong" in logged(server, r"level=error .*stays as it was.*")[0]
    assert shown(server) == first[0].read_text()


@pytest.mark.parametrize("is_damaged", [False, True])
def test_sighup_without_tls_does_no_harm(start, tmp_path, is_damaged):
    if is_damaged:
        (tmp_path / "tls").write_text("")
    server = start()
    server.send_signal(signal.SIGHUP)
    assert logged(server, r"msg=reloading")
    server.deliver(RAW)


@pytest.mark.parametrize("damage, word", [
    (lambda cert, key: cert.unlink(), "No such file"),
    (lambda cert, key: cert.write_text("nothing"), "Cannot use"),
    (lambda cert, key: key.write_bytes(make_pair(key.parent, "other")[1].read_bytes()), "belong"),
])
def test_a_bad_pair_stops_the_start(tmp_path, damage, word):
    cert, key = make_pair(tmp_path, "mine")
    damage(cert, key)
    result = run(tmp_path, "--db", ":memory:", "--smtp-listen", "127.0.0.1:0", "--http-listen",
                 "127.0.0.1:0", "--tls-cert", cert, "--tls-key", key)
    assert result.returncode == 1 and result.stdout == ""
    [line] = result.stderr.splitlines()
    assert re.fullmatch(r"mailstop: [A-Z].*\.", line) and word in line


def test_an_expired_certificate_is_a_warning(start, tmp_path):
    cert, key = make_pair(tmp_path, "old")
    template = tmp_path / "template"
    template.write_text('cn = "mine.test"\nactivation_date = "2020-01-01"\n'
                        'expiration_date = "2020-02-01"\n')
    run_client("certtool", "--generate-self-signed", "--load-privkey", key, "--template", template,
               "--outfile", cert)
    server = start("--tls-cert", cert, "--tls-key", key, *SMTPS)
    assert logged(server, r'level=warn at=tls msg="the certificate has expired"')
    with tls_socket(server.smtps, blind()) as sock:
        assert sock.recv(4) == b"220 "


def test_our_own_is_kept_beside_the_database(start):
    """From the first start on, whether anything offers TLS or not."""
    first = start()
    ca = first.rest.get("/ca.pem").body
    assert (first.db.parent / "tls" / "ca.pem").read_bytes() == ca
    cert = (first.db.parent / "tls" / "cert.pem").read_text()
    first.stop()
    second = start("--starttls", *SMTPS)
    assert second.rest.get("/ca.pem").body == ca
    assert shown(second) == cert
    second.stop()
    third = start("--tls-name", "new.test", *SMTPS)
    assert third.rest.get("/ca.pem").body == ca
    with tls_socket(third.smtps, third.trust(), "new.test") as sock:
        assert sock.recv(4) == b"220 "


def test_a_folder_of_somebody_else(start, tmp_path):
    """It stops who needs a certificate, and nobody else; what is in it stays as it was."""
    (tmp_path / "tls").mkdir()
    (tmp_path / "tls" / "notes.txt").write_text("mine")
    server = start()
    assert logged(server, r'level=warn at=tls msg="there is no certificate.* reason=.*Move the folder')
    assert server.rest.get("/ca.pem").status == 404
    server.deliver(RAW)
    server.stop()
    for option in (("--starttls",), SMTPS):
        result = run(tmp_path, "--db", server.db, "--smtp-listen", "127.0.0.1:0", "--http-listen",
                     "127.0.0.1:0", *option)
        assert result.returncode == 1 and str(tmp_path / "tls") in result.stderr
    assert [path.name for path in (tmp_path / "tls").iterdir()] == ["notes.txt"]


def test_in_memory_nothing_is_kept(start, tmp_path):
    server = start(*SMTPS, db=":memory:")
    with tls_socket(server.smtps, server.trust()) as sock:
        assert sock.recv(4) == b"220 "
    assert not (tmp_path / "tls").exists()
