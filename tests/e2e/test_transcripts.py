"""The SMTP dialogues of tests/transcripts, whose README explains them, against the real port."""
import re
import socket

import pytest

from program import ROOT, Program
from wire import Session

FOLDER = ROOT / "tests" / "transcripts"
LINE = re.compile(rb"([A-Z]|Limit|Hide|Peer|Require|Tell|Driver):(?: (.*))?")
ESCAPE = re.compile(rb"\\(x([0-9A-Fa-f]{2})|[rn\\])")
STORED = re.compile(rb"stored as (\d+)")

# The limits that have a flag. What else a transcript sets up only the engine's driver can.
FLAGS = {b"message_bytes": "--max-message-size", b"recipients": "--max-recipients"}


def unescape(text):
    letters = {b"r": b"\r", b"n": b"\n", b"\\": b"\\"}
    return ESCAPE.sub(lambda m: bytes.fromhex(m[2].decode()) if m[2] else letters[m[1]], text)


class Transcript:
    def __init__(self, path):
        self.flags = []
        self.is_playable = True
        self.steps = []  # ("send", octets), ("expect", line), ("body", octets), ("close", b"")
        for line in path.read_bytes().split(b"\n"):
            if line and not line.startswith(b"#"):
                prefix, text = LINE.fullmatch(line).groups(b"")
                self._add(prefix.decode(), text)

    def _add(self, prefix, text):
        if prefix == "C":
            self.steps.append(("send", text + b"\r\n"))
        elif prefix == "R":
            self.steps.append(("send", unescape(text)))
        elif prefix == "S":
            self.steps.append(("expect", text))
        elif prefix == "E" and text == b"close":
            self.steps.append(("close", b""))
        elif prefix == "E" and text == b"discard":
            self.steps.append(("discard", b""))
        elif prefix == "E" and text.startswith(b"body "):
            self.steps.append(("body", unescape(text[5:])))
        elif prefix == "Limit" and text.split()[0] in FLAGS:
            name, value = text.split()
            self.flags += [FLAGS[name], value.decode()]
        elif prefix in ("Limit", "Hide", "Peer", "Require", "Tell", "Driver"):
            self.is_playable = False


TRANSCRIPTS = {path.stem: Transcript(path) for path in sorted(FOLDER.glob("*.smtp"))}


@pytest.fixture(scope="module")
def usual_server(tmp_path_factory):
    program = Program(tmp_path_factory.mktemp("transcripts"), "--hostname", "mx.test")
    yield program
    program.stop()


@pytest.fixture
def server_for(usual_server, start):
    def find(transcript):
        if transcript.flags:
            return start("--hostname", "mx.test", *transcript.flags)
        return usual_server
    return find


class Player:
    """Compares line by line, and what was stored with the body that the transcript tells."""

    def __init__(self, server):
        self.server = server
        self.socket = Session.connect(server.smtp)
        self.file = self.socket.makefile("rb")
        self.body = b""
        self.ahead = None  # a line that was read too early

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.file.close()
        self.socket.close()

    def send(self, octets):
        try:
            self.socket.sendall(octets)
        except ConnectionError:
            pass  # a transcript may go on behind the end, to say that nothing is heard there

    def read_line(self):
        line, self.ahead = self.ahead or self.file.readline(), None
        return line

    def skip_offers(self):
        line = self.read_line()
        assert line.startswith(b"250-")
        while line.startswith(b"250-"):
            line = self.read_line()
        self.ahead = line

    def expect(self, line):
        if line == b"250-...":
            self.skip_offers()
            return
        got = self.read_line()
        assert STORED.sub(b"stored as", got) == STORED.sub(b"stored as", line) + b"\r\n"
        if stored := STORED.search(got):
            assert self.server.rest.raw(int(stored[1])) == self.body
            self.discard()

    def discard(self, _=b""):
        self.body = b""

    def add_body(self, octets):
        self.body += octets

    def end(self):
        try:
            self.socket.shutdown(socket.SHUT_WR)
        except OSError:
            pass  # the server was first

    def close(self, _=b""):
        assert self.file.read() == b""

    def play(self, steps):
        actions = {"send": self.send, "expect": self.expect, "body": self.add_body,
                   "discard": self.discard, "close": self.close}
        for kind, octets in steps:
            actions[kind](octets)


@pytest.mark.parametrize("name", [n for n, t in TRANSCRIPTS.items() if t.is_playable])
@pytest.mark.parametrize("manner", ["in-step", "at-once"])
def test_transcript(server_for, name, manner):
    """The client waits for each reply, or sends everything and the end before it reads anything."""
    steps = TRANSCRIPTS[name].steps
    said = [step for step in steps if step[0] == "send"]
    told = [step for step in steps if step[0] != "send"]
    with Player(server_for(TRANSCRIPTS[name])) as player:
        player.play(steps if manner == "in-step" else said)
        player.end()
        if manner == "at-once":
            player.play(told)
        player.close()  # nothing more is said
