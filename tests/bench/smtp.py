"""An SMTP client for messages whose octets and fate must be known, and crowds of connections."""
import contextlib
import hashlib
import re
import resource
import selectors
import socket
import time

from rows import NotHere, NotMet

TIMEOUT = 120
CROWD_STEP = 200  # connections opened before the first of them is answered
CROWD_DEADLINE = 120
PER_SOURCE = 500  # connections of a crowd from one address, under the server's limit


class Refused(Exception):
    def __init__(self, code, text):
        super().__init__(f"{code} {text}")
        self.code = code


class Session:
    def __init__(self, address):
        self.socket = socket.create_connection(address, TIMEOUT)
        # Else the kernel holds the final dot back until the server's delayed acknowledgement.
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.file = self.socket.makefile("rb")
        self._expect(220)
        self._say(b"EHLO bench.test\r\n")
        self._expect(250)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        self.file.close()
        self.socket.close()

    def _say(self, octets):
        self.socket.sendall(octets)

    def _expect(self, code):
        line = b"   -"
        while line[3:4] == b"-":
            line = self.file.readline()
            if not line.endswith(b"\r\n"):
                raise ConnectionError("the server went away")
        if int(line[:3]) != code:
            raise Refused(int(line[:3]), line[4:-2].decode("utf-8", "replace"))
        return line

    def deliver(self, pieces, sender="app@bench.test", recipient="you@bench.test"):
        """Sends one message of octets that end in CRLF and have no line that starts with a dot;
        returns its id and SHA-256."""
        digest = hashlib.sha256()
        for command, code in ((f"MAIL FROM:<{sender}>", 250), (f"RCPT TO:<{recipient}>", 250),
                              ("DATA", 354)):
            self._say(command.encode() + b"\r\n")
            self._expect(code)
        for piece in pieces:
            digest.update(piece)
            self._say(piece)
        self._say(b".\r\n")
        return stored_id(self._expect(250)), digest.hexdigest()


def stored_id(reply):
    match = re.search(rb"stored as (\d+)", reply)
    if not match:
        raise NotMet(f"the reply names no message: {reply!r}")
    return int(match[1])


def allow_files(count):
    """Raises the limit of open files, which the server started next inherits."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft >= count:
        return
    try:
        resource.setrlimit(resource.RLIMIT_NOFILE, (count, max(count, hard)))
    except (ValueError, PermissionError):
        raise NotHere(f"needs {count} open files, the limit is {hard}") from None


class Crowd:
    """Many connections that said EHLO and then hardly anything, from many loopback addresses."""

    def __init__(self, address, count):
        self.address, self.sockets = address, []
        self.end = time.monotonic() + CROWD_DEADLINE
        try:
            while len(self.sockets) < count:
                self._open(min(CROWD_STEP, count - len(self.sockets)))
        except BaseException:
            self.close()
            raise

    def _open(self, count):
        with selectors.DefaultSelector() as selector:
            for _ in range(count):
                selector.register(self._connect(), selectors.EVENT_READ, bytearray())
            while selector.get_map():
                if time.monotonic() > self.end:
                    raise NotMet(f"only {len(self.sockets)} connections in {CROWD_DEADLINE} s")
                for key, _ in selector.select(1):
                    self._heard(selector, key)

    def _connect(self):
        s = socket.socket()
        self.sockets.append(s)
        s.bind((f"127.0.1.{1 + (len(self.sockets) - 1) // PER_SOURCE}", 0))
        s.setblocking(False)
        s.connect_ex(self.address)
        return s

    def _heard(self, selector, key):
        """Says EHLO after the greeting; its reply's last line ends the conversation."""
        octets = key.fileobj.recv(4096)
        key.data.extend(octets)
        if not octets or key.data[:1] in b"45":
            raise NotMet(f"connection {len(self.sockets)} refused: {bytes(key.data)!r}")
        if re.fullmatch(rb"220 [^\n]*\n", key.data):
            key.fileobj.sendall(b"EHLO bench.test\r\n")
        elif re.search(rb"\n250 [^\n]*\n\Z", key.data):
            selector.unregister(key.fileobj)

    def drip(self, share, octet):
        """One octet from each connection of a share of them."""
        for s in self.sockets[share]:
            with contextlib.suppress(OSError):  # dropped by the server: see silent()
                s.send(octet)

    def silent(self):
        """How many the server has left alone: neither closed nor told anything."""
        return sum(map(is_silent, self.sockets))

    def close(self):
        for s in self.sockets:
            s.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()


def is_silent(s):
    try:
        s.recv(1)
    except BlockingIOError:
        return True
    except OSError:
        return False
    return False
