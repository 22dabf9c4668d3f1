"""Nothing lost: kills, a full disk, and connections that hold everybody up."""
import contextlib
import hashlib
import os
import random
import subprocess
import threading
import time

import messages
import rows
from rows import Measure, NotHere, NotMet, alternate, at_most, ratio_at_least
from smtp import Crowd, Refused, Session, allow_files

SENDERS = 8
LIFETIMES = (0.05, 0.5)  # seconds under load until the kill
SIZES = (400,) * 12 + (4000,) * 42 + (40_000,) * 3 + (400_000,) * 2 + (3_000_000,)
FIRST_ACK = 30  # seconds
SLOW_CONNECTIONS = 5000
SLOW_TICK = 0.1  # seconds; each tick a hundredth of them send an octet: each once in 10 s
SERVED_AS_BEFORE = 0.9
DISK_SIZE = "16m"
BALLAST = 4_000_000
REFUSALS = 20
RECOVERY = 30  # seconds
FULL_DEADLINE = 120


# ---- kill ----

class Sender(threading.Thread):
    """Sends until the server is gone; knows what got its 250, and what was on its way."""

    def __init__(self, server, seed, first_ack):
        super().__init__()
        self.server, self.chance, self.first_ack = server, random.Random(seed), first_ack
        self.acknowledged, self.underway, self.failure = {}, None, None

    def run(self):
        try:
            with Session(self.server.smtp) as session:
                while True:
                    self._send(session)
        except OSError:
            return  # killed, in whatever step
        except Exception as failure:
            self.failure = failure

    def _send(self, session):
        raw = messages.plain(self.chance, self.chance.choice(SIZES))
        self.underway = hashlib.sha256(raw).hexdigest()
        message_id, digest = session.deliver([raw])
        self.acknowledged[message_id] = digest
        self.underway = None
        self.first_ack.set()


class Kills:
    """One store that is killed again and again, and what must be in it."""

    def __init__(self, bench, folder):
        self.bench, self.database = bench, folder / "killed.db"
        self.known = {}  # id -> SHA-256 of every message that must be there
        self.acknowledged = self.unacknowledged = 0

    def round(self, number):
        server = self.bench.start(self.database)
        try:
            senders = self._load(server, number)
        finally:
            server.kill()
        for sender in senders:
            sender.join()
        if failures := [s.failure for s in senders if s.failure]:
            raise NotMet(f"under load, round {number}: {failures[0]}")
        self._verify(senders)

    @staticmethod
    def _load(server, number):
        """Starts the senders and lets them work for a while."""
        first_ack = threading.Event()
        senders = [Sender(server, number * SENDERS + n, first_ack) for n in range(SENDERS)]
        for sender in senders:
            sender.start()
        if not first_ack.wait(FIRST_ACK):
            raise NotMet(f"no message was taken in {FIRST_ACK} s, round {number}")
        time.sleep(random.Random(number).uniform(*LIFETIMES))
        return senders

    def _verify(self, senders):
        """Starts it again: what got a 250 is there; what else is there was sent, in whole."""
        acknowledged = {k: v for s in senders for k, v in s.acknowledged.items()}
        underway = {s.underway for s in senders} - {None}
        with self.bench.start(self.database) as server, server.rest() as rest:
            for message_id in rest.ids_after(max(self.known, default=0)):
                digest = rest.raw_sha256(message_id)
                if message_id not in acknowledged:
                    self._unacknowledged(message_id, digest, underway)
                self.known[message_id] = digest
            for message_id, digest in acknowledged.items():
                if self.known.get(message_id) != digest:
                    raise NotMet(f"message {message_id} got its 250 and is lost or changed")
        self._check_whole()
        self.acknowledged += len(acknowledged)

    def _unacknowledged(self, message_id, digest, underway):
        if digest not in underway:
            raise NotMet(f"message {message_id} is there, and nobody sent it so")
        underway.remove(digest)
        self.unacknowledged += 1

    def _check_whole(self):
        if (found := self.bench.check(self.database)):
            raise NotMet(f"mailstop check: {found}")

    def verify_all(self):
        with self.bench.start(self.database) as server, server.rest() as rest:
            there = rest.total()
            if there != len(self.known):
                raise NotMet(f"{len(self.known)} messages were there, {there} are")
            return sum(rest.raw_sha256(i) != digest for i, digest in self.known.items())


@rows.row("kill", "Nothing lost", "kill -9 under load: messages lost, changed or halved",
          limits=[at_most(0)])
def kill(bench):
    with bench.folder("kill") as folder:
        kills = Kills(bench, folder)
        for number in range(bench.plan.kills):
            kills.round(number)
        lost = kills.verify_all()
        return Measure(lost, note=f"{bench.plan.kills} kills, {kills.acknowledged} messages with a "
                       f"250, {kills.unacknowledged} more stored whose 250 the kill cut off; "
                       "mailstop check finds nothing each time")


# ---- disk full ----

@contextlib.contextmanager
def small_disk(folder):
    if os.geteuid() != 0:
        raise NotHere("needs root, to mount a tmpfs")
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={DISK_SIZE}", "none", folder],
                             capture_output=True, text=True)
    if mounted.returncode:
        raise NotHere("cannot mount a tmpfs: " + mounted.stderr.strip())
    try:
        yield folder
    finally:
        subprocess.run(["umount", folder], check=True)


class Filling:
    """Sends to a server whose disk fills up, and keeps account of each message."""

    def __init__(self, server):
        self.server, self.stored, self.chance = server, {}, random.Random(2)
        self.session = Session(server.smtp)

    def send(self):
        """True if it was stored, False if it was refused with 452, which is the due reply."""
        try:
            message_id, digest = self.session.deliver([messages.plain(self.chance, 4000)])
        except Refused as refused:
            if refused.code != 452:
                raise NotMet(f"a full disk is answered {refused}") from None
            return False
        self.stored[message_id] = digest
        return True

    def until(self, wanted, seconds, complaint):
        end = time.monotonic() + seconds
        while self.send() != wanted:
            if time.monotonic() > end:
                raise NotMet(complaint)
            if wanted:
                time.sleep(0.05)

    def lost(self):
        with self.server.rest() as rest:
            total = rest.total()
            if total != len(self.stored):
                raise NotMet(f"{len(self.stored)} messages got a 250, {total} are there")
            return sum(rest.raw_sha256(i) != digest for i, digest in self.stored.items())


@rows.row("disk-full", "Nothing lost", "Disk full, then space again: messages lost",
          limits=[at_most(0)])
def disk_full(bench):
    with bench.folder("disk") as folder, small_disk(folder):
        ballast = folder / "ballast"
        ballast.write_bytes(bytes(BALLAST))
        database = folder / "full.db"
        with bench.start(database) as server:
            return fill_and_free(Filling(server), ballast)


def fill_and_free(filling, ballast):
    filling.until(False, FULL_DEADLINE, "the disk does not fill up")
    before, accepted = len(filling.stored), sum(filling.send() for _ in range(REFUSALS))
    lost = filling.lost()
    ballast.unlink()
    freed = time.monotonic()
    filling.until(True, RECOVERY, f"still refuses {RECOVERY} s after there is space again")
    recovered = time.monotonic() - freed
    filling.session.close()
    return Measure(lost + filling.lost(), note=f"452 after {before} messages (then "
                   f"{REFUSALS - accepted} of {REFUSALS} more), read meanwhile, took mail again "
                   f"{recovered:.1f} s after space was freed")


# ---- slow connections ----

class Drip(threading.Thread):
    """Each connection sends an octet of a command that never ends, once in ten seconds."""

    def __init__(self, crowd):
        super().__init__()
        self.crowd, self.over = crowd, threading.Event()
        self.steps = round(10 / SLOW_TICK)

    def run(self):
        step = 0
        while not self.over.wait(SLOW_TICK):
            self.crowd.drip(slice(step % self.steps, None, self.steps), b"N")
            step += 1

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, *_):
        self.over.set()
        self.join()


@rows.row("slow", "Nothing lost", "Ingest beside 5,000 connections with an octet every 10 s",
          "messages/s", "the same without them", [ratio_at_least(SERVED_AS_BEFORE)])
def slow_connections(bench):
    allow_files(SLOW_CONNECTIONS + 1000)
    with bench.empty() as beset, bench.empty() as free, \
            Crowd(beset.smtp, SLOW_CONNECTIONS) as crowd:
        def rate(server):
            return bench.tools.send(server.smtp, bench.plan.batch, bench.message, False)

        with Drip(crowd):
            rate(beset)
            rate(free)
            measure = alternate(bench.plan.rounds, lambda: rate(beset), lambda: rate(free))
        if (dropped := SLOW_CONNECTIONS - crowd.silent()):
            raise NotMet(f"{dropped} slow connections were dropped")
        return measure


# ---- what other tools measure ----

@rows.row("fuzzing", "Nothing lost", "Fuzzing each parser an hour", against="tests/fuzz, by hand")
def fuzzing(bench):
    return None


@rows.row("requests", "Nothing lost", "Requests made from the OpenAPI document by machine",
          against="tests/e2e/test_schemathesis.py")
def requests(bench):
    return None


@rows.row("sanitizers", "Nothing lost", "ASan and UBSan over the test suite", against="tests/run")
def sanitizers(bench):
    return None


@rows.row("races", "Nothing lost", "TSan over the test suite", against="SANITIZE=thread tests/run")
def races(bench):
    return None
