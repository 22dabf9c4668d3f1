"""A database that an earlier Mailstop has left is brought up to date, and a copy of it is kept."""
import contextlib
import sqlite3

import pytest

from program import ROOT, run

MIGRATIONS = sorted((ROOT / "db" / "migrations").glob("*.sql"))
SEARCH = 5  # the migration that came with it
RAW = b"Subject: old\r\n\r\nstill here\r\n"


def make_old(path, version):
    """As the program of that time left it, with a message."""
    with contextlib.closing(sqlite3.connect(path)) as db:
        db.executescript("PRAGMA auto_vacuum = INCREMENTAL; PRAGMA journal_mode = WAL;"
                         "PRAGMA application_id = 0x4D535450;" + MIGRATIONS[0].read_text())
        db.execute("INSERT INTO message (inbox_id, received_at, size, envelope_from, recipients, "
                   "smtputf8, client_ip, client_helo, subject, message_id, preview, addresses, "
                   "parts) VALUES (1, 1764000000000, ?, 'a@b.test', '[{\"address\": \"c@d.test\"}]',"
                   " 0, '127.0.0.1', 'app', 'old', '', 'still here', '{}', '[]')", (len(RAW),))
        db.execute("INSERT INTO chunk VALUES (65536, 0, ?)", (RAW,))
        db.commit()
        for migration in MIGRATIONS[1:version]:
            db.executescript(migration.read_text())
        db.execute(f"PRAGMA user_version = {version}")


def number(path, pragma):
    with contextlib.closing(sqlite3.connect(path)) as db:
        return db.execute(f"PRAGMA {pragma}").fetchone()[0]


@pytest.mark.parametrize("version", range(1, len(MIGRATIONS)))
def test_from_each_earlier_version(start, tmp_path, version):
    old = tmp_path / "old.db"
    make_old(old, version)
    check = run(tmp_path, "check", "--db", old)
    assert "cannot be read" not in check.stdout + check.stderr, check
    server = start(db=old)
    copy = tmp_path / f"old.db.before-{version + 1}"
    server.await_log(f"copy={copy}")
    assert server.rest.raw(1) == RAW
    assert server.rest.message(1)["subject"] == "old"
    assert server.deliver(RAW) == 2
    if version < SEARCH:
        server.await_log("search finds the older messages too")
        assert [m["id"] for m in server.rest.messages(query="subject:old")["items"]] == [2, 1]
    server.stop()
    assert number(old, "user_version") == len(MIGRATIONS)
    assert number(copy, "user_version") == version
    assert number(copy, "integrity_check") == "ok"


def test_the_copy_is_a_database_to_go_back_to(start, tmp_path):
    old = tmp_path / "old.db"
    make_old(old, 1)
    start(db=old).stop()
    (tmp_path / "old.db.before-2").rename(old)
    assert start(db=old).rest.raw(1) == RAW


def test_no_copy_where_nothing_changes(start, tmp_path):
    start().stop()
    start().stop()
    assert not list(tmp_path.glob("*.before-*"))


def test_a_newer_database_is_refused(tmp_path):
    newer = tmp_path / "newer.db"
    make_old(newer, 1)
    with contextlib.closing(sqlite3.connect(newer)) as db:
        db.execute("PRAGMA user_version = 1000")
    before = newer.read_bytes()
    result = run(tmp_path, "--smtp-listen", "127.0.0.1:0", "--http-listen", "127.0.0.1:0",
                 "--db", newer)
    assert result.returncode == 1
    assert "newer Mailstop (schema 1000" in result.stderr
    assert newer.read_bytes() == before
    assert not list(tmp_path.glob("*.before-*"))
