"""The page and the API by HTTPS (--http-tls)."""
import http.client
import signal
import socket
import ssl
import threading

import pytest

from program import until
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


def shown(program):
    with socket.create_connection(program.http, timeout=30) as plain:
        with program.rest.tls.wrap_socket(plain, server_hostname="mine.test") as sock:
            return ssl.DER_cert_to_PEM_cert(sock.getpeercert(True))


@pytest.fixture
def users_pair(start, tmp_path):
    """A program with a pair of the user's, a function that replaces it, and the first certificate."""
    cert, key = tmp_path / "cert.pem", tmp_path / "key.pem"
    first = make_pair(tmp_path, "first")
    install(first, cert, key)
    program = start("--http-tls", "--tls-cert", cert, "--tls-key", key, https_ca=cert)
    program.rest.tls.check_hostname = False  # it is for mine.test

    def replace(name):
        pair = make_pair(tmp_path, name)
        program.rest.tls.load_verify_locations(pair[0])  # before anybody may be shown it
        install(pair, cert, key)
        program.send_signal(signal.SIGHUP)
        return pair[0].read_text()

    return program, replace, first[0].read_text()


def test_sighup_shows_a_new_certificate_to_new_connections(users_pair):
    program, replace, first = users_pair
    assert shown(program) == first
    old = program.rest.connect()
    old.request("GET", "/healthz")
    assert old.getresponse().read()
    with program.rest.events() as events:
        second = replace("second")
        until(lambda: shown(program) == second)
        third = replace("third")
        until(lambda: shown(program) == third)
        program.deliver(MAIL)
        assert events.next("message.created")
    old.request("GET", "/healthz")
    assert old.getresponse().status == 200
    assert ssl.DER_cert_to_PEM_cert(old.sock.getpeercert(True)) == first
    old.close()


def test_sighup_keeps_the_old_certificate_rather_than_a_bad_one(users_pair, tmp_path):
    program, _, first = users_pair
    (tmp_path / "cert.pem").write_text("nothing")
    program.expect_error("the certificate stays as it was")
    program.send_signal(signal.SIGHUP)
    program.await_log("the certificate stays as it was")
    assert shown(program) == first


def test_connections_come_and_go_while_certificates_change(users_pair):
    program, replace, _ = users_pair
    over, faults = threading.Event(), []

    def call():
        while not over.is_set():
            if (status := program.rest.get("/healthz").status) != 200:
                faults.append(status)

    callers = [threading.Thread(target=call) for _ in range(4)]
    for caller in callers:
        caller.start()
    for number in range(5):
        certificate = replace(f"number-{number}")
        until(lambda: shown(program) == certificate)
    over.set()
    for caller in callers:
        caller.join()
    assert not faults
