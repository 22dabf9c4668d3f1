"""Those who wait: how soon they hear, what they cost, and that each hears of its own alone."""
import contextlib
import json
import queue
import random
import selectors
import socket
import statistics
import subprocess
import threading
import time

import messages
import rows
from postfix import SESSIONS
from rest import Rest
from rows import Measure, NotMet, alternate, at_most, percentile, ratio_at_least
from smtp import PER_SOURCE, Session, allow_files
from speed import Sent

WAITERS, STREAMS, WAITED_FOR = 5_000, 1_000, 500
INBOXES, CLIENTS = 1_000, 64
ROUNDS_EACH = 3  # messages of an inbox
CROWD_DEADLINE = 60


# ---- 250 sent → wait answered, while others are busy ----

class OtherMail:
    """Fifty sessions that send to `default`, about a hundred messages a second in all."""

    def __init__(self, bench, server):
        self.command = [bench.tools.source, "-d", "-s", str(SESSIONS), "-m", "10000000", "-R", "1",
                        "-F", str(bench.message), "-t", "you@bench.test", "-M", "bench.test",
                        "inet:{}:{}".format(*server.smtp)]
        self.environment = bench.tools.environment

    def __enter__(self):
        self.process = subprocess.Popen(self.command, env=self.environment,
                                        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait()


class Waiter(threading.Thread):
    """Waits again and again; tells when it was answered."""

    def __init__(self, server, inbox, count):
        super().__init__(daemon=True)
        self.server, self.inbox, self.count, self.answers = server, inbox, count, queue.Queue()

    def run(self):
        try:
            with self.server.rest() as rest:
                cursor = 0
                for _ in range(self.count):
                    answer = rest.json(f"/api/v1/inboxes/{self.inbox}/wait", after=cursor)
                    cursor = answer["cursor"]
                    self.answers.put((time.perf_counter(), cursor))
        except Exception as failure:  # told by who takes the answers
            self.answers.put((failure, None))


@rows.row("wait-busy", "Speed", "The same while other inboxes get mail, p99", "ms",
          limits=[at_most(5)])
def wait_busy(bench):
    chance, taken = random.Random(5), []
    with bench.empty() as server, Session(server.smtp) as session:
        with server.rest() as rest:
            inbox = make_inbox(rest, "waited-for")["name"]
        waiter = Waiter(server, inbox, bench.plan.waits)
        with OtherMail(bench, server):
            waiter.start()
            for _ in range(bench.plan.waits):
                time.sleep(0.002)  # so that the wait has been asked when the message comes
                message_id, _ = session.deliver([messages.plain(chance, 4000)],
                                                recipient=f"you@{inbox}.test")
                sent = time.perf_counter()
                answered, cursor = waiter.answers.get(timeout=60)
                if cursor != message_id:
                    raise NotMet(f"message {message_id}: {answered if cursor is None else cursor}")
                taken.append(max(0, answered - sent) * 1000)
        with server.rest() as rest:
            others = rest.total() - len(taken)
    return Measure(percentile(taken, 0.99), samples={"waits_ms": taken},
                   note=f"{len(taken):,} waits, median {statistics.median(taken):.2f} ms, greatest "
                   f"{max(taken):.1f} ms; {others:,} other messages came meanwhile")


def make_inbox(rest, name):
    return rest.send_json("POST", "/api/v1/inboxes",
                          {"name": name, "recipients": [f"*@{name}.test"]})


def make_inboxes(server):
    with server.rest() as rest:
        return [make_inbox(rest, f"test-{n}")["id"] for n in range(WAITED_FOR)]


# ---- a crowd that waits ----

class Audience:
    """Requests that last, from many loopback addresses, each on a connection of its own."""

    def __init__(self, server, targets):
        self.server, self.sockets = server, []
        try:
            for target in targets:
                self.sockets.append(self._ask(target))
        except BaseException:
            self.close()
            raise

    def _ask(self, target):
        s = socket.socket()
        s.bind((f"127.0.2.{1 + len(self.sockets) // PER_SOURCE}", 0))
        s.settimeout(CROWD_DEADLINE)
        s.connect(self.server.http)
        s.sendall(f"GET {target} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode())
        return s

    def answered(self):
        """How many have got anything since, and what the first of them got."""
        count, first = 0, b""
        for s in self.sockets:
            s.setblocking(False)
            with contextlib.suppress(BlockingIOError):
                first = s.recv(4096) or b"(closed)"
                count += 1
        return count, first

    def await_answers(self):
        """Until each has got something."""
        end = time.monotonic() + CROWD_DEADLINE
        with selectors.DefaultSelector() as selector:
            for s in self.sockets:
                selector.register(s, selectors.EVENT_READ)
            while selector.get_map():
                if time.monotonic() > end:
                    raise NotMet(f"{len(selector.get_map())} are not answered")
                for key, _ in selector.select(1):
                    if not key.fileobj.recv(65536).startswith(b"HTTP/1.1 200"):
                        raise NotMet("one was refused")
                    selector.unregister(key.fileobj)

    def close(self):
        for s in self.sockets:
            s.close()


def gauge(server, name):
    """Over a connection of its own: a kept one may have been idle for too long."""
    with server.rest() as rest:
        text = rest.body("GET", "/metrics").decode()
    for line in text.splitlines():
        if line.startswith(name + " "):
            return int(line.split()[1])
    raise NotMet(f"/metrics has no {name}")


def await_gauge(server, name, count):
    end = time.monotonic() + CROWD_DEADLINE
    while (now := gauge(server, name)) != count:
        if time.monotonic() > end:
            raise NotMet(f"{name} is {now}, not {count}")
        time.sleep(0.05)


@rows.row("waiters", "Speed", "Ingest while 5,000 wait and 1,000 listen to events", "messages/s",
          "ingest alone", [ratio_at_least(0.7)])
def waiters(bench):
    allow_files(2 * (WAITERS + STREAMS) + 1000)
    with bench.empty() as crowded, bench.empty() as alone:
        inboxes = make_inboxes(crowded)
        make_inboxes(alone)
        there, here = Sent(bench, crowded, True), Sent(bench, alone, True)
        there.warm_up()
        here.warm_up()
        before = crowded.memory()[0]
        streams = Audience(crowded, (f"/api/v1/events?inbox={inboxes[n % WAITED_FOR]}"
                                     for n in range(STREAMS)))
        waits = Audience(crowded, (f"/api/v1/inboxes/{inboxes[n % WAITED_FOR]}/wait?timeout=300"
                                   for n in range(WAITERS)))
        with contextlib.closing(streams), contextlib.closing(waits):
            streams.await_answers()
            await_gauge(crowded, "mailstop_waits", WAITERS)
            during = crowded.memory()[0]
            measure = alternate(bench.plan.rounds, there.batch, here.batch)
            peak = crowded.memory()[1]
            if (early := waits.answered())[0]:
                raise NotMet(f"{early[0]} waits ended early: {early[1][:80]!r}")
        await_gauge(crowded, "mailstop_waits", 0)
        await_gauge(crowded, "mailstop_event_streams", 0)
        after = crowded.memory()[0]
        there.check()
        here.check()
    measure.note += (f"; {before:.1f} MB before they came, {during:.1f} MB with them, at most "
                     f"{peak:.1f} MB, {after:.1f} MB when they have gone")
    return measure


# ---- an inbox for each test ----

class Tests(threading.Thread):
    """What a test suite does, one test after the other: an inbox, mail to it, waiting for it."""

    def __init__(self, server, numbers):
        super().__init__()
        self.server, self.numbers, self.failure, self.done = server, numbers, None, 0

    def run(self):
        try:
            with self.server.rest() as rest, Session(self.server.smtp) as session:
                for number in self.numbers:
                    self._test(rest, session, number)
        except Exception as failure:  # told by whoever joins
            self.failure = failure

    def _test(self, rest, session, number):
        inbox = make_inbox(rest, f"test-{number}")
        sent, cursor = [], 0
        for turn in range(ROUNDS_EACH):
            message_id, _ = session.deliver([b"Subject: %d of %d\r\n\r\n" % (turn, number)],
                                            recipient=f"ann@test-{number}.test")
            sent.append(message_id)
            answer = rest.json(f"/api/v1/inboxes/{inbox['id']}/wait", after=cursor)
            cursor = answer["cursor"]
            if [item["subject"] for item in answer["items"]] != [f"{turn} of {number}"]:
                raise NotMet(f"inbox {number} got {json.dumps(answer)[:200]}")
        listed = rest.json(f"/api/v1/inboxes/{inbox['id']}/messages", after=0)
        if [item["id"] for item in listed["items"]] != sent:
            raise NotMet(f"inbox {number} lists what was not sent to it")
        self.done += 1


@rows.row("inboxes", "Speed", "Tests with an inbox each by 64 clients at once: 1,000 inboxes",
          "tests/s")
def inboxes(bench):
    with bench.empty() as server, Rest(server.http) as rest:
        began = time.monotonic()
        clients = [Tests(server, range(n, INBOXES, CLIENTS)) for n in range(CLIENTS)]
        for client in clients:
            client.start()
        for client in clients:
            client.join()
        seconds = time.monotonic() - began
        if failures := [client.failure for client in clients if client.failure]:
            raise NotMet(str(failures[0]))
        if rest.total() != INBOXES * ROUNDS_EACH:
            raise NotMet(f"{rest.total()} messages are there")
    return Measure(INBOXES / seconds, note=f"each made its inbox, sent {ROUNDS_EACH} messages, "
                   "waited for each, and saw nothing but them")
