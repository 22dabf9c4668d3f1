"""What every row needs: the plan, servers on empty and on filled stores, and messages."""
import contextlib
import dataclasses
import functools
import pathlib
import platform
import shutil
import sqlite3
import subprocess
import tempfile
import time

import messages
from postfix import Tools
from rows import NotMet
from server import Server, without_settings

TEMPLATES = 1000  # so that a topic is one message in a thousand
FEWEST = 1000  # messages of a template


@dataclasses.dataclass
class Plan:
    messages: int  # of the filled store
    rounds: int  # pairs of measurements
    batch: int  # messages of one measurement of ingest
    requests: int  # of one measurement of reading
    kills: int
    waits: int  # that are answered while other mail comes


FULL = Plan(messages=1_000_000, rounds=7, batch=10_000, requests=400, kills=100, waits=10_000)
QUICK = Plan(messages=20_000, rounds=3, batch=2_000, requests=100, kills=3, waits=500)


class Bench:
    def __init__(self, binary, home, plan, kept_store=None):
        self.binary, self.plan, self.home = binary, plan, home
        self.kept = kept_store
        self.scratch = pathlib.Path(tempfile.mkdtemp(prefix="bench-", dir=home))
        self.templates = messages.templates(self.scratch, self.template_count())
        self.message = self.templates[0]

    def close(self):
        shutil.rmtree(self.scratch, ignore_errors=True)

    @functools.cached_property
    def tools(self):
        return Tools(self.home / "postfix")

    # ---- servers ----

    def start(self, database, *options):
        return Server(self.binary, database, *options)

    @contextlib.contextmanager
    def folder(self, name):
        """A new folder on the disk that is measured, gone afterwards."""
        path = pathlib.Path(tempfile.mkdtemp(prefix=name + "-", dir=self.scratch))
        try:
            yield path
        finally:
            shutil.rmtree(path)

    @contextlib.contextmanager
    def empty(self, *options):
        with self.folder("empty") as folder, self.start(folder / "mailstop.db", *options) as server:
            yield server

    @contextlib.contextmanager
    def filled(self):
        with self.start(self.filled_store) as server:
            yield server

    @functools.cached_property
    def filled_store(self):
        """The database that the scale rows share, filled by the first of them, or by an earlier
        run that was told to keep it."""
        path = (self.kept or self.scratch / "filled") / f"{self.plan.messages}.db"
        done = path.with_suffix(".complete")
        if not done.exists():
            path.parent.mkdir(parents=True, exist_ok=True)
            self._fill(path)
            done.touch()
        return path

    def spoil(self):
        """The filled store is no longer what its name says."""
        if "filled_store" in self.__dict__:
            for path in self.filled_store.parent.glob(f"{self.plan.messages}.*"):
                path.unlink()
            del self.__dict__["filled_store"]

    def template_count(self):
        return max(1, min(TEMPLATES, self.plan.messages // FEWEST))

    def _fill(self, path):
        """A share of the store for each template, in two turns, so that topics lie apart."""
        for old in path.parent.glob(f"{self.plan.messages}.db*"):
            old.unlink()
        turns = 2
        each = max(1, self.plan.messages // (turns * len(self.templates)))
        with self.start(path) as server:
            for number in list(range(len(self.templates))) * turns:
                self.tools.send(server.smtp, each, self.templates[number], True,
                                messages.sender(number))
            with server.rest() as rest:
                if rest.total() != each * turns * len(self.templates):
                    raise NotMet(f"filling stored only {rest.total()} messages")

    def check(self, database):
        """What `mailstop check` finds at fault; empty if all is well."""
        result = subprocess.run([self.binary, "check", "--db", database], capture_output=True,
                                text=True, env=without_settings())
        return result.stdout + result.stderr if result.returncode else ""

    # ---- what to look for ----

    def needle(self, number):
        """A word and an address that only the messages of one template have both of."""
        number = number * 37 % self.template_count()
        return messages.topic(number), messages.sender(number)

    def queries(self, count):
        return ["{} from:{}".format(*self.needle(number)) for number in range(count)]

    @staticmethod
    def read_only(database):
        return sqlite3.connect(f"file:{database}?mode=ro", uri=True)


# ---- where it was measured ----

def processor():
    with contextlib.suppress(OSError):
        for line in pathlib.Path("/proc/cpuinfo").read_text().splitlines():
            if line.startswith("model name"):
                return line.split(":", 1)[1].strip()
    return platform.machine()


def file_system(path):
    answer = subprocess.run(["stat", "-f", "-c", "%T", path], capture_output=True, text=True)
    return answer.stdout.strip() or "unknown"


def machine(bench, cores, load):
    version = subprocess.run([bench.binary, "--version"], capture_output=True, text=True)
    return {"version": version.stdout.strip(), "processor": processor(), "cores": cores,
            "system": platform.platform(), "file_system": file_system(bench.scratch),
            "load_before": load, "date": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())}
