"""The server under measurement: built, started on free ports, watched, ended."""
import contextlib
import os
import pathlib
import re
import select
import signal
import subprocess
import time

from rest import Rest
from rows import NotMet

ROOT = pathlib.Path(__file__).resolve().parents[2]
DEADLINE = 60  # seconds to start or to end
READY = re.compile(rb"mailstop ready smtp=127\.0\.0\.1:(\d+) http=http://127\.0\.0\.1:(\d+)/\n")

# Retention would undo what the scale rows build; given only to a server that knows the option.
WITHOUT_RETENTION = {"--max-messages": "1000000000", "--max-bytes": "100000G"}


def build(folder):
    """A release in `folder`; the path of its binary."""
    if not (folder / "build.ninja").exists():
        subprocess.run(["meson", "setup", "--buildtype=release", folder, ROOT], check=True,
                       stdout=subprocess.DEVNULL)
    subprocess.run(["ninja", "-C", folder, "mailstop"], check=True, stdout=subprocess.DEVNULL)
    return folder / "mailstop"


def without_settings():
    return {k: v for k, v in os.environ.items() if not k.startswith("MAILSTOP_")}


def retention_options(binary):
    usage = subprocess.run([binary, "--help"], capture_output=True, text=True, check=True,
                           env=without_settings()).stdout
    return [word for flag, value in WITHOUT_RETENTION.items() if flag + " " in usage
            for word in (flag, value)]


class Server:
    """With the options people get by default, save where it listens and what it would prune."""

    def __init__(self, binary, database, *options):
        self.database = pathlib.Path(database)
        self.log_path = self.database.with_suffix(".log")
        command = [binary, "--smtp-listen", "127.0.0.1:0", "--http-listen", "127.0.0.1:0",
                   "--db", database, *retention_options(binary), *options]
        began = time.monotonic()
        with self.log_path.open("ab") as log:
            self.process = subprocess.Popen(list(map(str, command)), env=without_settings(),
                                            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                            stderr=log, bufsize=0)
        ports = self._await_ready()
        self.seconds_to_ready = time.monotonic() - began
        self.smtp, self.http = (("127.0.0.1", int(port)) for port in ports)

    def _await_ready(self):
        line, end = b"", time.monotonic() + DEADLINE
        while not line.endswith(b"\n") and time.monotonic() < end:
            if select.select([self.process.stdout], [], [], 1)[0]:
                chunk = os.read(self.process.stdout.fileno(), 4096)
                if not chunk:
                    break
                line += chunk
        match = READY.fullmatch(line)
        if not match:
            self.kill()
            raise NotMet(f"it does not start: {self.log()[-500:]}")
        return match.groups()

    def rest(self):
        return Rest(self.http)

    def log(self):
        return self.log_path.read_text("utf-8", "replace")

    def memory(self):
        """Resident now and at most so far, in MB of 10^6 bytes."""
        status = pathlib.Path(f"/proc/{self.process.pid}/status").read_text()
        return tuple(int(re.search(rf"{field}:\s+(\d+) kB", status)[1]) * 1024 / 1e6
                     for field in ("VmRSS", "VmHWM"))

    def kill(self):
        self.process.kill()
        self.process.wait()
        self.process.stdout.close()

    def stop(self):
        """In order; a server that cannot be stopped so, or died before, is a finding."""
        if self.process.returncode is not None:
            return
        self.process.send_signal(signal.SIGTERM)
        try:
            code = self.process.wait(DEADLINE)
        except subprocess.TimeoutExpired:
            self.kill()
            raise NotMet(f"it does not end within {DEADLINE} s of SIGTERM") from None
        self.process.stdout.close()
        if code:
            raise NotMet(f"it ended with {code}: {self.log()[-500:]}")

    def __enter__(self):
        return self

    def __exit__(self, kind, *_):
        """After an error that error matters, not how the server ends."""
        with contextlib.suppress(NotMet) if kind else contextlib.nullcontext():
            self.stop()
