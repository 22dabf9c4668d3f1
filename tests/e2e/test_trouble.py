"""When the store cannot take a message the client keeps it, and all is well again by itself where
that is possible. What a crash or damage leaves is told, and never brings the server down."""
import contextlib
import http.client
import random
import re
import sqlite3

import pytest

import disks
from program import COMPLAINT, Program, run, until
from wire import stored_id

LARGE = b"Subject: large\r\n\r\n" + b"0123456789abcde\r\n" * 60_000  # more than memory spools
SMALL = b"Subject: small\r\n\r\n" + b"x" * 10_000 + b"\r\n"


def send(session, raw):
    session.begin()
    return session.finish(raw)


def refused(session, raw, codes=(451, 452)):
    reply = send(session, raw)
    return reply.code in codes and reply.text.startswith("4.3.")


def complaints(server):
    return [line for line in server.log().splitlines() if "level=error" in line]


def check_well(folder, database):
    result = run(folder, "check", "--db", database)
    assert result.returncode == 0, result


# ---- no room ----

@pytest.fixture(params=disks.KINDS, ids=lambda kind: kind.__name__)
def disk(request, tmp_path):
    one = request.param(tmp_path)
    yield one
    one.close()


@pytest.fixture
def on_disk(disk, start):
    """Stopped before the disk goes."""
    server = start(db=disk.folder / "mailstop.db")
    yield server
    server.stop()


@pytest.mark.parametrize("raw", [SMALL, LARGE], ids=["small", "large"])
def test_no_room_on_disk(on_disk, disk, tmp_path, raw):
    server = on_disk
    server.expect_error("level=error")
    with server.session() as session:
        stored = [session.deliver(raw)]
        disk.fill(server)
        while (reply := send(session, raw)).code == 250:
            stored.append(stored_id(reply))  # there was some room left in the files
        assert reply.code == 452 and reply.text.startswith("4.3.1 ")
        assert refused(session, raw, (452,)) and refused(session, SMALL, (452,))
        assert server.rest.raw(stored[0]) == raw
        assert server.rest.get("/healthz").status == 200
        disk.free(server)
        stored.append(session.deliver(raw))
    assert [m["id"] for m in server.rest.messages()["items"]] == stored[::-1]
    for message_id in stored:
        assert server.rest.raw(message_id) == raw
    assert any(re.search('do="free disk space', line) for line in complaints(server))
    assert len(complaints(server)) < 4, "it says it again and again"
    server.stop()
    check_well(tmp_path, server.db)


def test_ready_tells_of_no_room(on_disk, disk):
    server = on_disk
    server.expect_error("level=error")
    with server.session() as session:
        disk.fill(server)
        until(lambda: refused(session, LARGE))
        until(lambda: refused(session, SMALL))
        assert server.rest.get("/readyz").status == 503
        disk.free(server)
        assert server.rest.get("/readyz").status == 200


# ---- locked, read-only ----

def test_database_locked_by_somebody(start):
    server = start()
    server.expect_error("level=error")
    db = sqlite3.connect(server.db, isolation_level=None)
    with server.session() as session:
        db.execute("BEGIN IMMEDIATE")
        assert refused(session, SMALL, (451,))
        assert server.rest.messages()["total"] == 0
        db.execute("ROLLBACK")
        message_id = session.deliver(SMALL)
    db.close()
    assert server.rest.raw(message_id) == SMALL


# ---- damaged ----

@pytest.fixture(scope="module")
def original(tmp_path_factory):
    """The database of a server that has stopped."""
    server = Program(tmp_path_factory.mktemp("original"))
    with server.session() as session:
        for n in range(40):
            session.deliver(b"Subject: %d\r\n\r\n%s\r\n" % (n, b"text " * 500))
        session.deliver(LARGE)
    server.stop()
    return server.db.read_bytes()


def test_damaged_while_it_runs(start, tmp_path, original):
    """Nothing can be stored or read, nothing falls over, and what is put back is there again."""
    database = tmp_path / "mailstop.db"
    database.write_bytes(original)
    server = start(db=database)
    server.expect_error("level=error")
    page = 4096
    noise = random.Random(1).randbytes(len(original) - page)
    with database.open("r+b", buffering=0) as file, server.session() as session:
        file.seek(page)
        file.write(noise)
        for _ in range(3):
            assert refused(session, SMALL, (451,))
        for path in ("messages", "messages/1", "messages/1/raw"):
            assert server.rest.get(f"/api/v1/{path}").status == 500
        assert server.rest.get("/readyz").status == 503
        assert server.rest.get("/healthz").status == 200
        assert session.command("NOOP").code == 250
        file.seek(0)
        file.write(original)
    server.await_log('msg="the database is damaged" do="stop the server, see what mailstop check')
    assert len(complaints(server)) <= 3
    server.stop()
    assert start(db=database).rest.messages()["total"] == 41
    check_well(tmp_path, database)


def use(server):
    """Everything that reads and writes; how it is answered does not matter, only that it is."""
    rest = server.rest
    ids = range(1, 42)
    for path in ["messages", "messages?limit=5&before=20", "inboxes", "inboxes/default/messages",
                 "info", *(f"messages/{i}" for i in ids), "messages/41/parts"]:
        assert rest.get("/api/v1/" + path).status in (200, 404, 500, 507)
    for message_id in ids:
        for view in ("raw", "text"):
            with contextlib.suppress(http.client.HTTPException, OSError, ValueError):  # cut off
                rest.get(f"/api/v1/messages/{message_id}/{view}")
    rest.send_json("PATCH", "/api/v1/messages/3", {"read": True})
    rest.delete("/api/v1/messages/4")
    with server.session() as session:
        for raw in (SMALL, LARGE):
            assert send(session, raw).code in (250, 451, 452)
    assert rest.delete("/api/v1/messages", all="true").status in (200, 500, 507)
    assert rest.get("/healthz").status == 200


@pytest.mark.parametrize("seed", range(12))
def test_damaged_before_it_starts(tmp_path, original, seed):
    """It is refused with a sentence, or used as far as it can be; it never falls over."""
    chance, octets = random.Random(seed), bytearray(original)
    for _ in range(chance.randint(1, 8)):
        at = chance.randrange(100, len(octets))
        length = min(chance.choice((1, 4, 100, 5000)), len(octets) - at)
        octets[at:at + length] = chance.randbytes(length)
    database = tmp_path / "mailstop.db"
    database.write_bytes(octets)
    try:
        server = Program(tmp_path)
    except AssertionError as refusal:
        assert re.search(r"\nmailstop: Cannot .* the database .*\.\n", str(refusal))
        assert not COMPLAINT.search(str(refusal).replace("level=error at=store", ""))
        return
    server.expect_error("level=error at=store")
    try:
        use(server)
        server.stop()
    finally:
        if server.process.returncode is None:
            server.kill()


# ---- what it cannot start with ----

ANY_PORTS = ("--smtp-listen", "127.0.0.1:0", "--http-listen", "127.0.0.1:0")


@pytest.fixture(params=disks.KINDS[1:], ids=lambda kind: kind.__name__)
def mounted(request, tmp_path):
    """A disk of its own, where it can be had."""
    disk = request.param(tmp_path)
    yield disk
    disk.close()


def test_read_only_file_system(mounted, tmp_path, original):
    database = mounted.folder / "mailstop.db"
    database.write_bytes(original)
    mounted.make_read_only()
    result = run(tmp_path, *ANY_PORTS, "--db", database)
    assert result.returncode == 1
    assert re.fullmatch(r"mailstop: .*Read-only file system.*--db\.\n", result.stderr), result
    check_well(tmp_path, database)


def test_full_disk(mounted, start, tmp_path, original):
    database = mounted.folder / "mailstop.db"
    database.write_bytes(original)
    mounted.fill()
    for path in (database, mounted.folder / "new.db"):
        result = run(tmp_path, *ANY_PORTS, "--db", path)
        assert result.returncode == 1
        assert re.fullmatch(r"mailstop: .*no room is left.*: free disk space .*--db\.\n",
                            result.stderr), result
    mounted.free()
    server = start(db=database)
    assert server.rest.messages()["total"] == 41
    server.stop()
