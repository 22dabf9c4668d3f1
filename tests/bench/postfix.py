"""smtp-source and smtp-sink, the load and the yardstick, from Debian's postfix package."""
import contextlib
import os
import shutil
import socket
import subprocess
import time

import debian
from rows import NotHere, NotMet

SESSIONS = 50
SLOWEST = 100  # messages a second; a run that is slower is given up
BACKLOG = "500"


def installed(name):
    return shutil.which(name, path=os.environ.get("PATH", "") + ":/usr/sbin")


class Tools:
    """Takes what is installed; else unpacks the package into `folder`, installing nothing."""

    def __init__(self, folder):
        self.environment = dict(os.environ)
        self.source, self.sink = installed("smtp-source"), installed("smtp-sink")
        if not (self.source and self.sink):
            self._unpack(folder)
        self._check()

    def _unpack(self, folder):
        try:
            debian.unpack(folder, "postfix")
        except debian.NotToBeHad as why:
            raise NotHere(f"needs smtp-source and smtp-sink (Debian: postfix): {why}") from None
        self.source, self.sink = (str(folder / "usr/sbin" / name)
                                  for name in ("smtp-source", "smtp-sink"))
        self.environment["LD_LIBRARY_PATH"] = debian.libraries(folder, folder / "usr/lib/postfix")

    def _check(self):
        run = subprocess.run([self.source, "-h"], env=self.environment, capture_output=True,
                             text=True)
        if "usage" not in run.stderr:
            raise NotHere("smtp-source does not run: " + run.stderr.strip())

    def send(self, address, count, path, keep, sender="app@bench.test"):
        """Sends `count` messages over 50 sessions; returns messages per second."""
        command = [self.source, *(["-d"] if keep else []), "-s", str(min(SESSIONS, count)),
                   "-m", str(count), "-F", str(path), "-f", sender, "-t", "you@bench.test",
                   "-M", "bench.test", f"inet:{address[0]}:{address[1]}"]
        began = time.monotonic()
        try:
            run = subprocess.run(command, env=self.environment, capture_output=True, text=True,
                                 timeout=30 + count / SLOWEST)
        except subprocess.TimeoutExpired:
            raise NotMet(f"slower than {SLOWEST} messages/s") from None
        if run.returncode:
            raise NotMet("smtp-source: " + run.stderr.strip())
        return count / (time.monotonic() - began)

    @contextlib.contextmanager
    def sinking(self):
        """Runs smtp-sink and yields its address."""
        address = free_address()
        user = ["-u", "nobody"] if os.geteuid() == 0 else []
        process = subprocess.Popen([self.sink, *user, "%s:%d" % address, BACKLOG],
                                   env=self.environment, stdin=subprocess.DEVNULL,
                                   stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            await_listener(address)
            yield address
        finally:
            process.kill()
            process.wait()


def free_address():
    """smtp-sink cannot choose a port by itself."""
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()


def await_listener(address):
    end = time.monotonic() + 10
    while time.monotonic() < end:
        with contextlib.suppress(ConnectionRefusedError):
            socket.create_connection(address).close()
            return
        time.sleep(0.02)
    raise NotHere("smtp-sink does not start")
