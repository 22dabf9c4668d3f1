"""The program under test: started on free ports, watched, and stopped."""
import os
import pathlib
import re
import select
import signal
import ssl
import subprocess
import time

from rest import Rest
from wire import Session

ROOT = pathlib.Path(__file__).resolve().parents[2]
BINARY = os.environ.get("MAILSTOP_BIN", str(ROOT / "build-tests" / "mailstop"))
DEADLINE = 30  # seconds; long, because a sanitized program on a busy machine is slow

READY = re.compile(r"mailstop ready((?: smtps?=(?:127\.0\.0\.1:\d+|unix:\S+))+)"
                   r" http=(https?)://127\.0\.0\.1:(\d+)(?:/[a-z/]*)?/\n")
COMPLAINT = re.compile(r'level=error|"level":"error"|Sanitizer|runtime error:|Assertion')


def environment(folder, extra=None):
    """Nothing of the user's own settings or data gets in."""
    env = {k: v for k, v in os.environ.items() if not k.startswith("MAILSTOP_")}
    env["XDG_DATA_HOME"] = env["TMPDIR"] = str(folder)
    env.setdefault("ASAN_OPTIONS", "detect_leaks=1")
    env.setdefault("UBSAN_OPTIONS", "halt_on_error=1:print_stacktrace=1")
    return env | (extra or {})


def run(folder, *arguments, env=None):
    """Runs the program to its own end, for command lines that do not start a server."""
    return subprocess.run([BINARY, *map(str, arguments)], env=environment(folder, env), text=True,
                          stdin=subprocess.DEVNULL, capture_output=True, timeout=DEADLINE)


def until(condition):
    """The first true value of condition(), which waits or asks somebody by itself."""
    end = time.monotonic() + DEADLINE
    while time.monotonic() < end:
        if value := condition():
            return value
    raise AssertionError("it did not happen in time")


class Program:
    def __init__(self, folder, *arguments, env=None, db=None, https_ca=None):
        self.db = pathlib.Path(db or folder / "mailstop.db")
        self.expected = []  # patterns of error lines that the test provokes
        self.log_path = folder / f"stderr-{time.monotonic_ns()}.log"
        command = [BINARY, "--smtp-listen", "127.0.0.1:0", "--http-listen", "127.0.0.1:0",
                   "--db", str(self.db), *map(str, arguments)]
        with self.log_path.open("wb") as log:
            self.process = subprocess.Popen(command, env=environment(folder, env), stderr=log,
                                            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                            bufsize=0)
        smtp, scheme, http = self._await_ready()
        self.all_smtp, self.all_smtps = (
            [("127.0.0.1", int(port)) for port in re.findall(rf" {protocol}=127.0.0.1:(\d+)", smtp)]
            for protocol in ("smtp", "smtps"))
        self.smtp, self.smtps = self.all_smtp[0], next(iter(self.all_smtps), None)
        self.http = ("127.0.0.1", int(http))
        ca = ssl.create_default_context(cafile=https_ca or self.db.parent / "tls" / "ca.pem") \
            if scheme == "https" else None
        self.rest = Rest(self.http, ca)

    def _await_ready(self):
        line, end = b"", time.monotonic() + DEADLINE
        while not line.endswith(b"\n") and time.monotonic() < end:
            if select.select([self.process.stdout], [], [], 1)[0]:
                chunk = os.read(self.process.stdout.fileno(), 4096)
                if not chunk:
                    break
                line += chunk
        match = READY.fullmatch(line.decode())
        if not match:
            self.kill()
            raise AssertionError(f"not ready: {line!r}\n{self.log()}")
        return match.groups()

    # ---- using it ----

    def session(self, hello=True):
        """An SMTP session of our own, for what smtplib would not send."""
        session = Session(self.smtp)
        if hello:
            assert session.command("EHLO client.test").code == 250
        return session

    def trust(self, ca=None):
        """What a client knows that trusts the server's CA, or the one in a file."""
        if not ca:
            response = self.rest.get("/ca.pem")
            assert response.status == 200, response
            return ssl.create_default_context(cadata=response.body.decode())
        return ssl.create_default_context(cafile=ca)

    def tls_session(self, context=None, hello=True):
        """The same inside TLS, with STARTTLS."""
        session = self.session()
        session.start_tls(context or self.trust())
        if hello:
            assert session.command("EHLO client.test").code == 250
        return session

    def deliver(self, raw, **envelope):
        """Sends the octets by SMTP; returns the message's id."""
        with self.session() as session:
            return session.deliver(raw, **envelope)

    # ---- watching and ending it ----

    def log(self, start=0):
        return self.log_path.read_bytes()[start:].decode("utf-8", "replace")

    def await_log(self, text):
        """What happens may be seen before it is logged: lines are written once a turn."""
        until(lambda: text in self.log())

    def log_size(self):
        return self.log_path.stat().st_size

    def expect_error(self, pattern):
        self.expected.append(re.compile(pattern))

    def check_log(self, start=0):
        bad = [line for line in self.log(start).splitlines()
               if COMPLAINT.search(line) and not any(e.search(line) for e in self.expected)]
        assert not bad, "the program complained:\n" + self.log(start)

    def send_signal(self, number):
        self.process.send_signal(number)

    def wait(self):
        """Its exit code, once it has ended by itself."""
        try:
            return self.process.wait(DEADLINE)
        except subprocess.TimeoutExpired:
            self.kill()
            raise AssertionError("it does not end:\n" + self.log()) from None
        finally:
            self.process.stdout.close()

    def kill(self):
        self.process.kill()
        self.process.wait()
        self.process.stdout.close()

    def stop(self, number=signal.SIGTERM):
        """Ends it in order, unless it has ended, and checks what it leaves behind."""
        if self.process.returncode is None:
            self.send_signal(number)
            output = self.process.stdout.read() if self._ends() else b""
            code = self.wait()
            assert code == 0, f"exit code {code}:\n{self.log()}"
            assert output == b"", "standard output is for the one line"
        self.check_log()

    def _ends(self):
        try:
            self.process.wait(DEADLINE)
            return True
        except subprocess.TimeoutExpired:
            return False
