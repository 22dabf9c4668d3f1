"""SMTP byte by byte, for all that a well-behaved client library would not send."""
import os
import re
import socket

TIMEOUT = 30


class Reply:
    def __init__(self, lines):
        self.code = int(lines[0][:3])
        self.lines = [line[4:] for line in lines]
        self.text = "\n".join(self.lines)

    def __repr__(self):
        return f"<{self.code} {self.text}>"


def stuff(raw):
    """Dot-stuffing (RFC 5321 section 4.5.2); only CRLF starts a line."""
    return re.sub(rb"(\A|\r\n)\.", rb"\1..", raw)


def with_crlf(raw):
    """What a mail program makes of a file before it sends it."""
    raw = re.sub(rb"\r?\n", b"\r\n", raw)
    return raw if raw.endswith(b"\r\n") or not raw else raw + b"\r\n"


def end_sending(sock):
    """The end of what a client sends, TLS or not, and it goes on reading."""
    with socket.socket(fileno=os.dup(sock.fileno())) as same:
        same.shutdown(socket.SHUT_WR)


class Session:
    @staticmethod
    def connect(address):
        """A host and port, or the path of a Unix socket."""
        if not isinstance(address, (str, os.PathLike)):
            return socket.create_connection(address, TIMEOUT)
        sock = socket.socket(socket.AF_UNIX)
        sock.settimeout(TIMEOUT)
        sock.connect(os.fspath(address))
        return sock

    def __init__(self, address):
        self.socket = self.connect(address)
        self.file = self.socket.makefile("rb")
        try:
            self.greeting = self.reply()
        except OSError:
            self.close()
            raise

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def start_tls(self, context, name="localhost"):
        """STARTTLS and the handshake, after which nothing has been said yet."""
        reply = self.command("STARTTLS")
        assert reply.code == 220, reply
        self.file.close()
        self.socket = context.wrap_socket(self.socket, server_hostname=name)
        self.file = self.socket.makefile("rb")

    def close(self):
        self.file.close()
        self.socket.close()

    def send(self, data):
        self.socket.sendall(data.encode() if isinstance(data, str) else data)

    def reply(self):
        lines = []
        while not lines or lines[-1][3:4] == "-":
            line = self.file.readline()
            if not line.endswith(b"\r\n"):
                raise ConnectionError(f"no whole reply: {lines} {line!r}")
            lines.append(line[:-2].decode("ascii"))
        return Reply(lines)

    def replies(self, count):
        return [self.reply().code for _ in range(count)]

    def command(self, line):
        self.send(line + ("\r\n" if isinstance(line, str) else b"\r\n"))
        return self.reply()

    def is_closed(self):
        """True once the server has closed its side; False if it says something instead."""
        return self.file.read(1) == b""

    # ---- a whole message ----

    def begin(self, to=("someone@example.test",), sender="app@shop.test"):
        """Up to and with 354."""
        self.send("".join([f"MAIL FROM:<{sender}>\r\n", *(f"RCPT TO:<{a}>\r\n" for a in to),
                           "DATA\r\n"]))
        codes = self.replies(len(to) + 2)
        assert codes == [250] * (len(to) + 1) + [354], codes

    def finish(self, raw):
        """The message's octets, which must end in CRLF, and its reply."""
        assert raw.endswith(b"\r\n") or not raw
        self.send(stuff(raw) + b".\r\n")
        return self.reply()

    def deliver(self, raw, **envelope):
        self.begin(**envelope)
        return stored_id(self.finish(raw))


def stored_id(reply):
    match = re.fullmatch(r"2\.0\.0 Ok: stored as (\d+)", reply.text)
    assert reply.code == 250 and match, reply
    return int(match[1])
