"""Mail over a Unix socket, and the file that it is."""
import os
import socket
import stat
import subprocess

import pytest

from program import run
from wire import Session

RAW = b"Subject: local\r\n\r\nhello\r\n"


@pytest.fixture
def path(tmp_path):
    return tmp_path / "smtp.sock"


def refuse(tmp_path, path):
    """Starts one more server there, which must not come up; what it says."""
    result = run(tmp_path, "--smtp-listen", f"unix:{path}", "--http-listen", "127.0.0.1:0", "--db",
                 ":memory:")
    assert result.returncode == 1 and result.stdout == ""
    [line] = result.stderr.splitlines()
    assert line.startswith(f"mailstop: Cannot listen for SMTP on unix:{path}: ")
    return line


def test_delivery(start, path):
    server = start("--smtp-listen", f"unix:{path}")
    with Session(path) as session:
        session.command("EHLO client.test")
        message = server.rest.message(session.deliver(RAW))
    assert message["client"]["ip"] == "unix"
    assert server.rest.raw(message["id"]) == RAW
    assert server.rest.get("/api/v1/info").json()["listeners"][1] == {
        "protocol": "smtp", "host": f"unix:{path}", "port": None}
    server.deliver(RAW)  # the other listener is as before


def test_swaks(start, path, recipient):
    server = start("--smtp-listen", f"unix:{path}")
    subprocess.run(["swaks", "--socket", path, "--to", recipient, "--helo", "client.test"],
                   check=True, capture_output=True, timeout=60)
    assert server.rest.sent_to(recipient)["client"]["helo"] == "client.test"


def test_tls(start, path):
    server = start("--smtps-listen", f"unix:{path}")
    with server.trust().wrap_socket(Session.connect(path), server_hostname="localhost") as sock:
        assert sock.recv(4) == b"220 "


def test_large_message_and_many_replies(start, path):
    server = start("--smtp-listen", f"unix:{path}")
    raw = b"Subject: large\r\n\r\n" + b"%078d\r\n" % 7 * 50_000
    with Session(path) as session:
        session.command("EHLO client.test")
        assert server.rest.raw(session.deliver(raw)) == raw
        session.send("NOOP\r\n" * 20_000)
        assert session.replies(20_000) == [250] * 20_000


@pytest.mark.parametrize("umask, mode", [(0o022, 0o755), (0o077, 0o700), (0o007, 0o770)])
def test_who_may_connect_is_what_the_umask_says(start, path, umask, mode):
    before = os.umask(umask)
    try:
        start("--smtp-listen", f"unix:{path}")
    finally:
        os.umask(before)
    assert stat.S_IMODE(path.stat().st_mode) == mode


def test_the_file_goes_with_the_server(start, path):
    server = start("--smtp-listen", f"unix:{path}")
    assert stat.S_ISSOCK(path.stat().st_mode)
    server.stop()
    assert not path.exists()


def test_a_file_left_by_a_crash_is_replaced(start, path):
    server = start("--smtp-listen", f"unix:{path}")
    server.kill()
    assert path.exists()
    start("--smtp-listen", f"unix:{path}")
    with Session(path) as session:
        assert session.greeting.code == 220


def test_a_socket_in_use_is_left_alone(start, path, tmp_path):
    start("--smtp-listen", f"unix:{path}")
    assert "address already in use" in refuse(tmp_path, path)
    with Session(path) as session:
        assert session.greeting.code == 220


def test_a_socket_that_is_busy_is_left_alone(tmp_path, path):
    """Its server takes no more connections now, but it is there."""
    with socket.socket(socket.AF_UNIX) as sock, socket.socket(socket.AF_UNIX) as waiting:
        sock.bind(str(path))
        sock.listen(0)
        waiting.connect(str(path))
        assert "address already in use" in refuse(tmp_path, path)
        assert path.exists()


def test_another_file_is_left_alone(tmp_path, path):
    path.write_text("precious")
    assert "file already exists" in refuse(tmp_path, path)
    assert path.read_text() == "precious"


def test_no_folder(tmp_path):
    assert "no such file or directory" in refuse(tmp_path, tmp_path / "nowhere" / "smtp.sock")


@pytest.mark.parametrize("text", ["unix:", "unix:/a b", "unix:/" + "x" * 200])
def test_no_path(tmp_path, text):
    result = run(tmp_path, "--smtp-listen", text)
    assert result.returncode == 2 and "unix:PATH" in result.stderr


def test_http_has_none(tmp_path):
    assert run(tmp_path, "--http-listen", "unix:/tmp/x.sock").returncode == 2


def test_all_its_clients_are_one_address(start, path):
    start("--smtp-listen", f"unix:{path}", "--max-connections-per-ip", "2")
    with Session(path) as first, Session(path), Session(path) as third:
        assert first.greeting.code == 220
        assert third.greeting.code == 421
