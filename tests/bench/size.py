"""Size: memory, and time to start."""
import statistics
import threading
import time

import messages
import rows
from rows import Measure, NotMet, at_most
from smtp import Crowd, Session, allow_files
from speed import can_search, list_questions

CONNECTIONS = 10_000
LARGE, LARGE_OCTETS = 10, 50_000_000
SETTLE = 0.5  # seconds until a process that has just been busy has its final size


def settled(server):
    time.sleep(SETTLE)
    return server.memory()[0]


@rows.row("memory-idle", "Size", "Resident memory, idle, empty store", "MB", limits=[at_most(12)])
def memory_idle(bench):
    with bench.empty() as server:
        return Measure(settled(server))


@rows.row("connections", "Size", "10,000 idle SMTP connections, more by", "MB",
          limits=[at_most(100)])
def connections(bench):
    allow_files(CONNECTIONS + 1000)
    with bench.empty("--max-connections", CONNECTIONS + 1000) as server:
        before = settled(server)
        with Crowd(server.smtp, CONNECTIONS):
            during = settled(server)
        return Measure(during - before, note=f"{before:.1f} MB before, {during:.1f} MB during")


class Exchange(threading.Thread):
    """Sends a large message, and when all are sent, reads it back in pieces."""

    def __init__(self, server, number, barrier):
        super().__init__()
        self.server, self.number, self.barrier, self.failure = server, number, barrier, None

    def run(self):
        try:
            with Session(self.server.smtp) as session:
                message_id, expected = session.deliver(messages.large(self.number, LARGE_OCTETS))
            self.barrier.wait()
            with self.server.rest() as rest:
                if rest.raw_sha256(message_id) != expected:
                    raise NotMet(f"message {message_id} is not what was sent")
        except Exception as failure:
            self.failure = failure
            self.barrier.abort()


@rows.row("large", "Size", "Ten 50 MB messages at once, then read back; peak", "MB",
          limits=[at_most(100)])
def large(bench):
    with bench.empty() as server:
        sent = []
        barrier = threading.Barrier(
            LARGE, lambda: sent.append((time.monotonic(), server.memory()[1])))
        began = time.monotonic()
        threads = [Exchange(server, n, barrier) for n in range(LARGE)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        failures = [t.failure for t in threads
                    if t.failure and not isinstance(t.failure, threading.BrokenBarrierError)]
        if failures:
            raise NotMet(str(failures[0]))
        [(stored, peak)], read = sent, time.monotonic()
        return Measure(server.memory()[1], note=f"sent and stored in {stored - began:.1f} s with a "
                       f"peak of {peak:.1f} MB, read back in {read - stored:.1f} s")


@rows.row("memory-full", "Size", "Resident memory, filled store, after list and search", "MB",
          limits=[at_most(100)])
def memory_full(bench):
    with bench.filled() as server, server.rest() as rest:
        for question in list_questions(rest, bench.plan.requests):
            rest.messages(**question)
        searched = can_search(server)
        for query in bench.queries(bench.plan.requests) if searched else []:
            rest.messages(query=query)
        now, peak = server.memory()
        return Measure(now, note=f"peak {peak:.1f} MB" +
                       ("" if searched else "; lists only, there is no search yet"))


@rows.row("start", "Size", "Start to ready, filled store", "ms", limits=[at_most(100)])
def start(bench):
    taken = []
    for _ in range(bench.plan.rounds):
        with bench.filled() as server:
            taken.append(server.seconds_to_ready * 1000)
    return Measure(statistics.median(taken), note=f"{min(taken):.0f}–{max(taken):.0f} ms, with "
                   "what the system keeps of the file in memory", samples={"starts_ms": taken})
