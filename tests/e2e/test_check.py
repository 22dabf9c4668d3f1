"""mailstop check: says what is wrong with a database, changes nothing, and never falls over."""
import contextlib
import random
import shutil
import sqlite3
import threading

import pytest

from program import COMPLAINT, Program, run

NAMES = ["pages and indexes", "references", "counts of inboxes", "transcripts",
         "octets of messages"]
LARGE = b"Subject: large\r\n\r\n" + random.Random(1).randbytes(1_500_000).hex().encode() + b"\r\n"


def check(folder, *arguments, **options):
    result = run(folder, "check", *arguments, **options)
    assert not COMPLAINT.search(result.stderr), result.stderr
    return result


def check_well(result):
    assert result.returncode == 0 and result.stderr == "", result
    assert result.stdout.splitlines() == [f"{name}: ok" for name in NAMES]


def fill(server, count=5):
    with server.session() as session:
        for n in range(count):
            session.deliver(b"Subject: %d\r\n\r\n%s\r\n" % (n, b"text " * 500))
        session.deliver(LARGE)


@pytest.fixture(scope="module")
def original(tmp_path_factory):
    """Of a server that has stopped."""
    server = Program(tmp_path_factory.mktemp("original"))
    fill(server)
    server.stop()
    return server.db


@pytest.fixture
def database(original, tmp_path):
    return shutil.copy(original, tmp_path / "mailstop.db")


def damage(database, sql):
    with contextlib.closing(sqlite3.connect(database)) as db:
        db.executescript(sql)


def test_all_is_well(start, tmp_path):
    server = start()
    check_well(check(tmp_path, "--db", server.db))
    fill(server)
    check_well(check(tmp_path, "--db", server.db))
    server.stop()
    check_well(check(tmp_path, "--db", server.db))


def test_named_as_for_the_server(database, tmp_path):
    check_well(check(tmp_path, env={"MAILSTOP_DB": str(database)}))
    file = tmp_path / "mailstop.json"
    file.write_text('{"db": "%s", "max_recipients": 5}' % database)
    check_well(check(tmp_path, "--config", file))


def test_while_mail_comes_and_goes(start, tmp_path):
    server, over = start(), threading.Event()

    def come_and_go():
        with server.session() as session:
            while not over.is_set():
                message_id = session.deliver(b"Subject: x\r\n\r\n" + b"text " * 500 + b"\r\n")
                if message_id % 3 == 0:
                    server.rest.delete(f"/api/v1/messages/{message_id}")

    thread = threading.Thread(target=come_and_go)
    thread.start()
    try:
        for _ in range(5):
            check_well(check(tmp_path, "--db", server.db))
    finally:
        over.set()
        thread.join()


def test_after_a_crash(start, tmp_path):
    """What is still in the log counts."""
    server = start()
    fill(server)
    server.kill()
    check_well(check(tmp_path, "--db", server.db))
    damage(server.db, "DELETE FROM chunk")
    assert check(tmp_path, "--db", server.db).returncode == 1


def test_says_what_is_wrong(database, tmp_path):
    damage(database, "UPDATE inbox SET unread_count = 99; DELETE FROM chunk WHERE id = 65536")
    before = database.read_bytes()
    result = check(tmp_path, "--db", database)
    assert result.returncode == 1 and result.stderr == ""
    counts, counts_end, _, octets, octets_end = result.stdout.splitlines()[2:]
    assert counts.startswith("The inbox default counts 6 messages, 99 unread,")
    assert octets.startswith("The message 1 is damaged ")
    assert (counts_end, octets_end) == ("counts of inboxes: 1 at fault",
                                        "octets of messages: 1 at fault")
    assert database.read_bytes() == before


def test_what_it_says_to_do_helps(database, tmp_path):
    damage(database, "UPDATE inbox SET unread_count = 99, message_count = 1, size_bytes = 0;"
                     "INSERT INTO chunk VALUES (99 * 65536, 0, x'00');"
                     "UPDATE message SET dialogue = x'ff' WHERE id = 2")
    remedies = [line.split("run with sqlite3: ")[1].rstrip(".")
                for line in check(tmp_path, "--db", database).stdout.splitlines()
                if "run with sqlite3: " in line]
    assert len(remedies) == 3
    damage(database, ";".join(remedies))
    check_well(check(tmp_path, "--db", database))


def test_a_copy_in_a_folder_that_may_not_be_written(database, tmp_path):
    folder = tmp_path / "archive"
    folder.mkdir()
    shutil.copy(database, folder / "copy.db")
    folder.chmod(0o500)
    check_well(check(tmp_path, "--db", folder / "copy.db"))
    assert [file.name for file in folder.iterdir()] == ["copy.db"]
    folder.chmod(0o700)


@pytest.mark.parametrize("seed", range(20))
def test_damaged_anywhere(database, tmp_path, seed):
    """It finds something or has nothing to find, and comes to its end."""
    chance, octets = random.Random(seed), bytearray(database.read_bytes())
    for _ in range(chance.randint(1, 5)):
        at = chance.randrange(100, len(octets))
        length = min(chance.choice((1, 4, 100, 5000)), len(octets) - at)
        octets[at:at + length] = chance.randbytes(length)
    database.write_bytes(octets)
    result = check(tmp_path, "--db", database)
    assert result.returncode in (0, 1)
    assert result.stdout or result.stderr


def test_cut_off(database, tmp_path):
    octets = database.read_bytes()
    database.write_bytes(octets[:len(octets) // 2 // 4096 * 4096])
    result = check(tmp_path, "--db", database)
    assert result.returncode == 1
    assert "damaged" in result.stdout + result.stderr


@pytest.mark.parametrize("arguments", [["extra"], ["--colour", "blue"], ["--db"],
                                       ["--smtp-listen", "127.0.0.1:0"]])
def test_wrong_usage(tmp_path, arguments):
    result = check(tmp_path, *arguments)
    assert result.returncode == 2 and result.stdout == ""
    assert arguments[0] in result.stderr


def test_nothing_to_look_at(tmp_path):
    result = check(tmp_path)
    assert result.returncode == 1 and result.stdout == ""
    assert str(tmp_path / "mailstop" / "mailstop.db") in result.stderr
    assert not (tmp_path / "mailstop").exists()
