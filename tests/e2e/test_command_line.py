"""The command line: help, settings from three places, and one clear sentence when it cannot start."""
import json
import os
import re
import socket
import sqlite3
import stat

import pytest

from program import run
from wire import Session

ANY_PORTS = ("--smtp-listen", "127.0.0.1:0", "--http-listen", "127.0.0.1:0")


def check_refusal(result, code, *words):
    """One line on standard error that has these words in it."""
    assert result.returncode == code, result
    assert result.stdout == ""
    [line] = result.stderr.splitlines()
    assert re.fullmatch(r"mailstop: [A-Z].*[.?]", line), line
    for word in words:
        assert word in line
    return line


def offered_size(server):
    with server.session(hello=False) as session:
        lines = session.command("EHLO client.test").lines
    [size] = [int(line.split()[1]) for line in lines if line.startswith("SIZE ")]
    return size


def test_help(tmp_path):
    for flag in ("--help", "-h"):
        result = run(tmp_path, flag)
        assert result.returncode == 0 and result.stderr == ""
        assert "--smtp-listen" in result.stdout and "MAILSTOP_DB" in result.stdout


def test_version(tmp_path):
    result = run(tmp_path, "--version")
    assert result.returncode == 0
    assert re.fullmatch(r"mailstop \d+\.\d+\.\d+\n", result.stdout)


# ---- wrong usage: 2 ----

@pytest.mark.parametrize("arguments, words", [
    (["--colour", "blue"], ["--colour"]),
    (["--colour=blue"], ["--colour"]),
    (["-x"], ["-x"]),
    (["frobnicate"], ["frobnicate"]),
    (["serve", "extra"], ["extra"]),
    (["--db"], ["--db"]),
    (["--db="], ["--db"]),
    (["--smtp-listen", "1025"], ["--smtp-listen", "1025"]),
    (["--smtp-listen", "mx.test:1025"], ["--smtp-listen", "mx.test:1025"]),
    (["--http-listen", "127.0.0.1:65536"], ["--http-listen", "65536"]),
    (["--max-message-size", "much"], ["--max-message-size", "much"]),
    (["--max-message-size", "0"], ["--max-message-size"]),
    (["--max-message-size", "99999999999G"], ["--max-message-size"]),
    (["--max-recipients", "-1"], ["--max-recipients", "-1"]),
    (["--idle-timeout", "5"], ["--idle-timeout", "5"]),
    (["--idle-timeout", "5 m"], ["--idle-timeout", "5 m"]),
    (["--compression", "gzip"], ["--compression", "gzip"]),
    (["--log-level", "loud"], ["--log-level", "loud"]),
    (["--log-format", "xml"], ["--log-format", "xml"]),
    (["--config", "/nowhere.json"], ["/nowhere.json"]),
])
def test_wrong_flag(tmp_path, arguments, words):
    check_refusal(run(tmp_path, *arguments), 2, *words)


@pytest.mark.parametrize("variable, value", [("MAILSTOP_COLOUR", "blue"),
                                             ("MAILSTOP_IDLE_TIMEOUT", "soon")])
def test_wrong_variable(tmp_path, variable, value):
    check_refusal(run(tmp_path, env={variable: value}), 2, variable)


@pytest.mark.parametrize("text, words", [
    ('{"colour": "blue"}', ["colour"]),
    ('{"max_recipients": true}', ["max_recipients"]),
    ('{"max_recipients": "many"}', ["max_recipients", "many"]),
    ('{"max_recipients": ', ["line 1"]),
    ("[]", ["object"]),
    ("", []),
])
def test_wrong_file(tmp_path, text, words):
    file = tmp_path / "mailstop.json"
    file.write_text(text)
    check_refusal(run(tmp_path, "--config", file), 2, *words)


# ---- cannot run: 1 ----

@pytest.mark.parametrize("flag", ["--smtp-listen", "--http-listen"])
def test_port_taken(tmp_path, flag):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        address = f"127.0.0.1:{taken.getsockname()[1]}"
        result = run(tmp_path, *ANY_PORTS, "--db", tmp_path / "x.db",
                     *("--http-listen", "127.0.0.1:0") if flag == "--smtp-listen" else (),
                     flag, address)
        check_refusal(result, 1, address, flag)


def test_database_in_a_folder_that_cannot_be_made(tmp_path):
    (tmp_path / "file").write_text("not a folder")
    path = tmp_path / "file" / "mailstop.db"
    check_refusal(run(tmp_path, *ANY_PORTS, "--db", path), 1, str(path))


def test_database_that_is_a_folder(tmp_path):
    check_refusal(run(tmp_path, *ANY_PORTS, "--db", tmp_path), 1, str(tmp_path))


@pytest.mark.parametrize("content", [b"Dear diary, today I wrote some C.\n" * 200,
                                     b"SQLite format 3\0" + b"\xff" * 8000],
                         ids=["text", "broken"])
def test_file_that_is_no_database(tmp_path, content):
    path = tmp_path / "diary"
    path.write_bytes(content)
    check_refusal(run(tmp_path, *ANY_PORTS, "--db", path), 1, str(path))
    assert path.read_bytes() == content


def test_database_of_another_program(tmp_path):
    path = tmp_path / "other.db"
    db = sqlite3.connect(path)
    db.executescript("CREATE TABLE message (id INTEGER); INSERT INTO message VALUES (1);")
    db.close()
    before = path.read_bytes()
    check_refusal(run(tmp_path, *ANY_PORTS, "--db", path), 1, str(path))
    assert path.read_bytes() == before


def test_second_server_on_the_same_database(start, tmp_path):
    server = start()
    message_id = server.deliver(b"Subject: mine\r\n\r\n")
    check_refusal(run(tmp_path, *ANY_PORTS, "--db", server.db), 1, str(server.db))
    assert server.rest.message(message_id)
    assert server.deliver(b"Subject: still working\r\n\r\n") > message_id


# ---- settings ----

def test_flag_beats_variable_beats_file(start, tmp_path):
    file = tmp_path / "mailstop.json"
    file.write_text(json.dumps({"max_message_size": "1000", "max_recipients": 2}))
    variable = {"MAILSTOP_MAX_MESSAGE_SIZE": "2000"}
    from_file = ["--config", str(file)]
    for size, arguments, env in ((1000, from_file, {}), (2000, from_file, variable),
                                 (3000, [*from_file, "--max-message-size=3000"], variable)):
        server = start(*arguments, env=env)
        assert offered_size(server) == size
        server.stop()


def test_file_named_by_variable(start, tmp_path):
    file = tmp_path / "mailstop.json"
    file.write_text(json.dumps({"max_message_size": 4000}))
    assert offered_size(start(env={"MAILSTOP_CONFIG": str(file)})) == 4000


def test_database_in_the_users_data_folder(tmp_path):
    """Only a start that fails later is needed: the database comes before the ports."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        run(tmp_path, "--smtp-listen", f"127.0.0.1:{taken.getsockname()[1]}")
    database = tmp_path / "mailstop" / "mailstop.db"
    assert database.exists()
    assert stat.S_IMODE(os.stat(database).st_mode) & 0o077 == 0, "others may read the mail"


def test_several_smtp_addresses(start):
    server = start("--smtp-listen", "127.0.0.1:0")
    assert len(set(server.all_smtp)) == 2
    for address in server.all_smtp:
        with Session(address) as session:
            assert session.greeting.code == 220


def test_hostname_in_the_greeting(start):
    with start("--hostname", "stop.test").session(hello=False) as session:
        assert session.greeting.text.startswith("stop.test ")
        assert session.command("EHLO client.test").lines[0].startswith("stop.test")


def test_log_as_json(start):
    server = start("--log-format", "json", "--log-level", "debug")
    with server.session() as session:
        assert session.command('EHLO "\\ü').code == 250
        session.deliver(b"Subject: x\r\n\r\n")
    server.stop()
    lines = [json.loads(line) for line in server.log().splitlines()]
    assert any(line["msg"] == "stored" and line["id"] == 1 for line in lines)


def test_log_level(start):
    server = start("--log-level", "error")
    server.deliver(b"Subject: x\r\n\r\n")
    server.stop()
    assert server.log() == ""
