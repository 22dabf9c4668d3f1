"""Speed: rates and times, each beside what it is measured against."""
import contextlib
import random
import statistics
import threading
import time

import messages
import rows
from rest import Rest, Status
from rows import (Measure, NotMet, NotYet, alternate, at_most, percentile, ratio_at_least,
                  ratio_at_most)
from smtp import Session

READERS = 8
READER_PAUSE = 0.1  # seconds; readers that never pause would measure their own use of processors
EMPTYING_MOST = 600  # seconds that ingest is measured while old messages are removed
WAIT_AHEAD = 0.01  # seconds by which a wait is asked before its message is sent


# ---- ingest ----

def ingest(bench, keep):
    with bench.empty() as server, bench.tools.sinking() as sink:
        sent = Sent(bench, server, keep)
        sent.warm_up()
        bench.tools.send(sink, bench.plan.batch // 10, bench.message, keep)
        measure = alternate(bench.plan.rounds, sent.batch,
                            lambda: bench.tools.send(sink, bench.plan.batch, bench.message, keep))
        sent.check()
        return measure


class Sent:
    """Batches sent to a server, and the proof that each message is there."""

    def __init__(self, bench, server, keep):
        self.bench, self.server, self.keep = bench, server, keep
        with server.rest() as rest:
            self.expected = rest.total()

    def send(self, count):
        self.expected += count
        return self.bench.tools.send(self.server.smtp, count, self.bench.message, self.keep)

    def warm_up(self):
        self.send(self.bench.plan.batch // 10)

    def batch(self):
        return self.send(self.bench.plan.batch)

    def check(self):
        with self.server.rest() as rest:
            if (total := rest.total()) != self.expected:
                raise NotMet(f"sent {self.expected} messages, {total} are there")


@rows.row("ingest", "Speed", "Ingest, a connection for each message", "messages/s", "smtp-sink",
          [ratio_at_least(0.8)])
def ingest_connections(bench):
    return ingest(bench, keep=False)


@rows.row("ingest-kept", "Speed", "Ingest, many messages per connection", "messages/s",
          "smtp-sink", [ratio_at_least(0.5)])
def ingest_kept(bench):
    return ingest(bench, keep=True)


@rows.row("ingest-full", "Speed", "Ingest into the filled store", "messages/s",
          "into an empty store", [ratio_at_least(0.9)])
def ingest_full(bench):
    with bench.filled() as full, bench.empty() as empty:
        there, here = Sent(bench, full, True), Sent(bench, empty, True)
        there.warm_up()
        here.warm_up()
        measure = alternate(bench.plan.rounds, there.batch, here.batch)
        there.check()
        here.check()
        return measure


class Readers:
    """Eight clients that list and search in turn, ten times a second each."""

    def __init__(self, bench, server):
        self.server, self.searches = server, can_search(server)
        self.queries = bench.queries(100)
        self.over, self.answered, self.failure = threading.Event(), 0, None
        self.threads = [threading.Thread(target=self._read, args=(n,)) for n in range(READERS)]

    def _read(self, number):
        try:
            with self.server.rest() as rest:
                while not self.over.wait(READER_PAUSE):
                    number += 1
                    rest.messages(**self._question(number))
                    self.answered += 1
        except Exception as failure:  # told where the readers end
            self.failure = failure

    def _question(self, number):
        if self.searches and number % 2:
            return {"query": self.queries[number % len(self.queries)]}
        return {"limit": 50}

    def __enter__(self):
        for thread in self.threads:
            thread.start()
        return self

    def __exit__(self, *_):
        self.over.set()
        for thread in self.threads:
            thread.join()
        if self.failure:
            raise NotMet(f"a reader failed: {self.failure}")


@rows.row("ingest-read", "Speed", "Ingest while 8 clients list and search", "messages/s",
          "ingest alone", [ratio_at_least(0.7)])
def ingest_while_reading(bench):
    with bench.empty() as server:
        sent, answered = Sent(bench, server, True), 0
        sent.warm_up()

        def beside_readers():
            nonlocal answered
            with Readers(bench, server) as readers:
                rate = sent.batch()
            answered += readers.answered
            return rate

        measure = alternate(bench.plan.rounds, beside_readers, sent.batch)
        sent.check()
        measure.note += f"; {answered} requests answered meanwhile"
        if not can_search(server):
            measure.note += "; lists only, there is no search yet"
        return measure


class Waiter(threading.Thread):
    """Asks for the next message, and notes when it is answered."""

    def __init__(self, server, after):
        super().__init__()
        self.server, self.after = server, after
        self.cursor = self.answered = self.failure = None

    def run(self):
        try:
            with self.server.rest() as rest:
                answer = rest.json("/api/v1/inboxes/default/wait", after=self.after, timeout=30)
            self.answered, self.cursor = time.perf_counter(), answer["cursor"]
        except Exception as failure:  # told by whoever joins
            self.failure = failure


def answer_after_250(server, session, chance, after):
    """How many milliseconds after the 250 a wait that was there before was answered, and the id."""
    waiter = Waiter(server, after)
    waiter.start()
    time.sleep(WAIT_AHEAD)
    message_id, _ = session.deliver([messages.plain(chance, 4000)])
    sent = time.perf_counter()
    waiter.join()
    if isinstance(waiter.failure, Status) and waiter.failure.status == 404:
        raise NotYet("needs GET /api/v1/inboxes/{inbox}/wait")
    if waiter.failure or waiter.cursor != message_id:
        raise NotMet(f"message {message_id}: {waiter.failure or waiter.cursor}")
    return max(0, waiter.answered - sent) * 1000, message_id


@rows.row("wait", "Speed", "250 sent → wait answered, p99", "ms", limits=[at_most(5)])
def wait(bench):
    chance, taken, last = random.Random(3), [], 0
    with bench.empty() as server, Session(server.smtp) as session:
        for _ in range(bench.plan.requests):
            ms, last = answer_after_250(server, session, chance, last)
            taken.append(ms)
    return Measure(percentile(taken, 0.99), note=f"median {statistics.median(taken):.2f} ms",
                   samples={"waits_ms": taken})


# ---- reading ----

def times(ask, questions):
    """Milliseconds that each question took to be answered in whole."""
    taken = []
    for question in questions:
        began = time.perf_counter()
        ask(**question)
        taken.append((time.perf_counter() - began) * 1000)
    return taken


def list_questions(rest, count):
    """Half for the newest page, half for pages from all over the store."""
    newest = rest.newest_id()
    for number in range(count):
        before = {"before": max(51, newest * number // count)} if number % 2 else {}
        yield {"limit": 50} | before


@rows.row("list", "Speed", "List of 50 in the filled store, p99", "ms", "with 1,000 stored",
          [ratio_at_most(2)])
def listing(bench):
    with bench.filled() as full, bench.empty() as small:
        bench.tools.send(small.smtp, 1000, bench.message, True)
        with full.rest() as many, small.rest() as few:
            def p99(rest):
                questions = list(list_questions(rest, bench.plan.requests))
                return percentile(times(rest.messages, questions), 0.99)

            p99(many)
            p99(few)
            return alternate(bench.plan.rounds, lambda: p99(many), lambda: p99(few))


def can_search(server):
    with server.rest() as rest:
        try:
            rest.messages(query="anything", limit=1)
        except Status as answer:
            if answer.status != 400:
                raise
            return False
        return True


def like_scan(db, word, address):
    """How many rows have both, found as a store without an index would: every text column of
    every row is looked at."""
    columns = [name for _, name, kind, *_ in db.execute("PRAGMA table_info(message)")
               if kind == "TEXT"]
    text = " || ' ' || ".join(f"coalesce({name}, '')" for name in columns)
    statement = f"SELECT count(*) FROM message WHERE {text} LIKE ? AND {text} LIKE ?"
    return db.execute(statement, (f"%{word}%", f"%{address}%")).fetchone()[0]


@rows.row("search", "Speed", "Search, word and from:, filled store, p99", "ms", "LIKE scan",
          [ratio_at_least(100), at_most(50)])
def search(bench):
    with bench.filled() as server, server.rest() as rest:
        if not can_search(server):
            raise NotYet("GET /api/v1/messages knows no query=")
        with contextlib.closing(bench.read_only(server.database)) as db:
            return compare_search(bench, rest, db)


def compare_search(bench, rest, db):
    """The ratio is that of medians within a pair; the value is the p99 of all searches."""
    taken, scans, ratios = [], [], []
    for number in range(bench.plan.rounds):
        word, address = bench.needle(number)
        began = time.perf_counter()
        expected = like_scan(db, word, address)
        scans.append((time.perf_counter() - began) * 1000)
        asked = [{"query": q} for q in bench.queries(bench.plan.requests)]
        mine = times(rest.messages, asked)
        taken += mine
        ratios.append(scans[-1] / statistics.median(mine))
        if (found := rest.messages(query=f"{word} from:{address}")["total"]) != expected:
            raise NotMet(f"the scan finds {expected} messages, the search {found}")
    common = percentile(times(rest.messages, [{"query": "delivery from:" + bench.needle(0)[1]}]
                              * 20), 0.99)
    return Measure(percentile(taken, 0.99), statistics.median(scans), statistics.median(ratios),
                   f"median {statistics.median(taken):.2f} ms; a word in every message with a "
                   f"from: in each tenth, not judged: p99 {common:.1f} ms",
                   {"searches_ms": taken, "scans_ms": scans})


# ---- emptying ----

@rows.row("emptying", "Speed", "Emptying the filled store is answered", "ms",
          "ingest meanwhile : ingest alone", [at_most(100), ratio_at_least(0.5)], spoils=True)
def emptying(bench):
    with bench.filled() as server:
        return Emptying(bench, server).measure()


class Emptying:
    def __init__(self, bench, server):
        self.bench, self.server = bench, server
        self.sent = Sent(bench, server, True)
        self.answer_ms, self.failure = None, None

    def _delete(self):
        try:
            with Rest(self.server.http) as rest:
                began = time.perf_counter()
                rest.delete_all()
                self.answer_ms = (time.perf_counter() - began) * 1000
        except Exception as failure:
            self.failure = failure

    def measure(self):
        """Ingest alone, then ingest from the request on until the last old message is gone."""
        self.sent.warm_up()
        alone = statistics.median(self.sent.batch() for _ in range(self.bench.plan.rounds))
        with self.server.rest() as rest:
            last = rest.newest_id()
        thread = threading.Thread(target=self._delete)
        thread.start()
        began = time.monotonic()
        meanwhile = self._ingest_until_gone(last, began)
        thread.join()
        if self.failure:
            raise NotMet(f"DELETE failed: {self.failure}")
        return Measure(self.answer_ms, None, meanwhile / alone,
                       f"ingest alone {alone:,.0f} messages/s, meanwhile {meanwhile:,.0f}; "
                       f"{self.left:,} old messages were left in the file after {self.gone:.1f} s")

    def _ingest_until_gone(self, last, began):
        sent = 0
        with contextlib.closing(self.bench.read_only(self.server.database)) as db:
            while True:
                self.sent.batch()
                sent += self.bench.plan.batch
                self.gone = time.monotonic() - began
                query = "SELECT count(*) FROM message WHERE id <= ?"
                self.left = db.execute(query, (last,)).fetchone()[0]
                if not self.left or self.gone > EMPTYING_MOST:
                    return sent / self.gone
