"""The SMTP dialogues of tests/transcripts, whose README explains them, against the real port."""
import re

import pytest

from program import ROOT, Program
from wire import Session, end_sending

FOLDER = ROOT / "tests" / "transcripts"
LINE = re.compile(rb"([A-Z]|Limit|Hide|Peer|Require|Tell|Driver):(?: (.*))?")
ESCAPE = re.compile(rb"\\(x([0-9A-Fa-f]{2})|[rn\\])")
STORED = re.compile(rb"stored as (\d+)")

OFTEN = ("--hostname", "mx.test", "--starttls", "--smtps-listen", "127.0.0.1:0")

# The limits that have a flag. What else a transcript sets up only the engine's driver can.
FLAGS = {b"message_bytes": "--max-message-size", b"recipients": "--max-recipients"}


def unescape(text):
    letters = {b"r": b"\r", b"n": b"\n", b"\\": b"\\"}
    return ESCAPE.sub(lambda m: bytes.fromhex(m[2].decode()) if m[2] else letters[m[1]], text)


class Transcript:
    def __init__(self, path):
        self.flags = []
        self.is_playable = True
        self.steps = []  # ("send", octets), ("expect", line), ("body", octets), ("close", b""), ...
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
        elif prefix == "T":
            self.steps.append(("handshake", b""))
        elif prefix == "E" and text == b"close":
            self.steps.append(("close", b""))
        elif prefix == "E" and text == b"discard":
            self.steps.append(("discard", b""))
        elif prefix == "E" and text.startswith(b"body "):
            self.steps.append(("body", unescape(text[5:])))
        elif prefix == "Limit" and text.split()[0] in FLAGS:
            name, value = text.split()
            self.flags += [FLAGS[name], value.decode()]
        elif prefix == "Hide":
            self.flags += ["--hide-extension", text.decode()]
        elif prefix in ("Limit", "Peer", "Require", "Tell", "Driver"):
            self.is_playable = False

    def acts(self):
        """The steps, up to each handshake and behind it."""
        acts = [[]]
        for step in self.steps:
            if step[0] == "handshake":
                acts.append([])
            acts[-1].append(step)
        return acts

    def ways(self):
        """How it can be played: the client waits for each reply, or sends everything before it
        reads anything; in the clear, inside TLS from the start, behind STARTTLS. What is sent in
        the clear behind STARTTLS is only that if it comes along with it."""
        acts = self.acts()
        if len(acts) > 1:
            is_injecting = acts[0][-1][0] == "send"
            return [("at-once", "plain")] + [("in-step", "plain")] * (not is_injecting)
        return [(manner, shell) for manner in ("in-step", "at-once")
                for shell in ("plain", "tls-first", "starttls")]


TRANSCRIPTS = {path.stem: Transcript(path) for path in sorted(FOLDER.glob("*.smtp"))}


@pytest.fixture(scope="module")
def usual_server(tmp_path_factory):
    program = Program(tmp_path_factory.mktemp("transcripts"), *OFTEN)
    yield program
    program.stop()


@pytest.fixture
def server_for(usual_server, start):
    def find(transcript):
        if transcript.flags:
            return start(*OFTEN, *transcript.flags)
        return usual_server
    return find


class Player:
    """Compares line by line, and what was stored with the body that the transcript tells."""

    def __init__(self, server, shell):
        self.server = server
        self.ahead = None  # a line that was read too early
        self.context = server.trust()
        self.socket = Session.connect(server.smtps if shell == "tls-first" else server.smtp)
        self.file = self.socket.makefile("rb")
        if shell == "tls-first":
            self.handshake()
        elif shell == "starttls":
            self.change_to_tls()
        self.body = b""

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.file.close()
        self.socket.close()

    def handshake(self, _=b""):
        self.file.close()
        self.socket = self.context.wrap_socket(self.socket, server_hostname="localhost")
        self.file = self.socket.makefile("rb")

    def change_to_tls(self):
        """The greeting is left to be read, as if it came after the handshake."""
        greeting = self.file.readline()
        self.socket.sendall(b"EHLO before.test\r\nSTARTTLS\r\n")
        while not self.file.readline().startswith(b"220 "):
            pass
        self.handshake()
        self.ahead = greeting

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
            end_sending(self.socket)
        except OSError:
            pass  # the server was first

    def close(self, _=b""):
        assert self.file.read() == b""

    def play(self, steps):
        actions = {"send": self.send, "expect": self.expect, "body": self.add_body,
                   "discard": self.discard, "close": self.close, "handshake": self.handshake}
        for kind, octets in steps:
            actions[kind](octets)

    def play_at_once(self, acts):
        for number, steps in enumerate(acts, 1):
            begin = [step for step in steps if step[0] == "handshake"]
            self.play(begin)
            self.send(b"".join(octets for kind, octets in steps if kind == "send"))
            if number == len(acts):
                self.end()
            self.play([step for step in steps if step[0] not in ("handshake", "send")])


@pytest.mark.parametrize("name, manner, shell", [
    (name, *way) for name, t in TRANSCRIPTS.items() if t.is_playable for way in t.ways()])
def test_transcript(server_for, name, manner, shell):
    with Player(server_for(TRANSCRIPTS[name]), shell) as player:
        if manner == "in-step":
            player.play(TRANSCRIPTS[name].steps)
            player.end()
        else:
            player.play_at_once(TRANSCRIPTS[name].acts())
        player.close()  # nothing more is said
