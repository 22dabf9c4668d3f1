"""The page and the API by HTTPS (--http-tls)."""
import http.client
import signal
import socket
import ssl
import threading

import pytest

from test_tls import install, make_pair

MAIL = b"Subject: By TLS\r\n\r\nHello.\r\n"


def test_all_of_the_api_is_there(start):
    program = start("--http-tls")
    listeners = program.rest.get("/api/v1/info").json()["listeners"]
    assert {"protocol": "https", "host": "127.0.0.1", "port": program.http[1]} in listeners
    message_id = program.deliver(MAIL)
    assert program.rest.raw(message_id).endswith(MAIL)
    assert program.rest.get("/healthz").status == 200
    assert program.rest.get("/ca.pem").body == (program.db.parent / "tls" / "ca.pem").read_bytes()
    assert program.rest.send_json("PATCH", f"/api/v1/messages/{message_id}",
                                  {"read": True}).json()["read"] is True


def test_large_bodies_in_either_direction(start):
    program = start("--http-tls")
    raw = b"Subject: Large\r\n\r\n" + (b"0123456789" * 7 + b"\r\n") * 100_000
    made = program.rest.request("POST", "/api/v1/inboxes/default/messages", raw,
                                {"Content-Type": "message/rfc822"}, to="a@b.test")
    assert made.status == 201, made
    assert program.rest.raw(made.json()["id"]) == raw


def test_what_is_told_later_wakes_its_connection(start):
    program = start("--http-tls")
    with program.rest.events() as events:
        waited = []
        asking = threading.Thread(target=lambda: waited.append(
            program.rest.get("/api/v1/inboxes/default/wait", query="subject:tls")))
        asking.start()
        program.deliver(MAIL)
        assert events.next("message.created").data["subject"] == "By TLS"
        asking.join()
    assert waited[0].status == 200


def test_a_connection_takes_many_requests(start):
    program = start("--http-tls")
    connection = program.rest.connect()
    for _ in range(20):
        connection.request("GET", "/healthz")
        response = connection.getresponse()
        assert response.status == 200 and response.read()
    connection.close()


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
def test_versions_of_today(start, version):
    program = start("--http-tls")
    program.rest.tls.minimum_version = program.rest.tls.maximum_version = version
    assert program.rest.get("/healthz").status == 200


def test_no_word_in_plain_text(start):
    program = start("--http-tls")
    with socket.create_connection(program.http, timeout=30) as plain:
        plain.sendall(b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n")
        answer = b""
        try:
            while data := plain.recv(4096):
                answer += data
        except ConnectionResetError:
            pass
    assert b"HTTP/1" not in answer
    assert program.rest.get("/healthz").status == 200


def test_who_does_not_trust_the_ca_is_not_served(start):
    program = start("--http-tls")
    stranger = http.client.HTTPSConnection(*program.http, timeout=30,
                                           context=ssl.create_default_context())
    with pytest.raises(ssl.SSLCertVerificationError):
        stranger.request("GET", "/healthz")
    stranger.close()
    assert program.rest.get("/healthz").status == 200


def test_sighup_is_for_smtp_and_the_log_says_so(start, tmp_path):
    cert, key = tmp_path / "cert.pem", tmp_path / "key.pem"
    install(make_pair(tmp_path, "first"), cert, key)
    program = start("--http-tls", "--tls-cert", cert, "--tls-key", key, https_ca=cert)
    program.rest.tls.check_hostname = False  # it is for mine.test
    install(make_pair(tmp_path, "second"), cert, key)
    program.send_signal(signal.SIGHUP)
    program.await_log("HTTPS shows the certificate of before")
    assert program.rest.get("/healthz").status == 200
