"""Messages to send: alike from run to run, because they come from seeds."""
import base64
import random

SENDERS = 10
TARGET_SIZE = 4096
# Octets of an attachment that repeat, before base64: whole lines of it, and more than the store
# compresses at a time, so that the repetition saves nothing.
PIECE = 57 * 20_000


def vocabulary():
    chance = random.Random(1)
    syllables = [c + v for c in "bdfgklmnprstvz" for v in "aeiou"]
    return ["".join(chance.choices(syllables, k=chance.randint(2, 4))) for _ in range(4000)]


WORDS = vocabulary()


def topic(number):
    """A word that only messages made from template `number` have."""
    return f"topic{number}x"


def sender(number):
    return f"sender{number % SENDERS}@bench.test"


def paragraph(chance, octets):
    """Lines of words, of which a few are frequent and most are rare, as in any language."""
    text, line = [], ""
    while sum(map(len, text)) < octets:
        word = WORDS[int(len(WORDS) * chance.random() ** 3)]
        if len(line) + len(word) > 70:
            text.append(line + "\n")
            line = ""
        line += word + " "
    return "".join(text)


def multipart(number):
    """A 4 KB message with a text and an HTML part, lines ending in LF as `smtp-source -F` reads
    them."""
    chance = random.Random(number)
    head = (f"From: Sender {number % SENDERS} <{sender(number)}>\nTo: You <you@bench.test>\n"
            f"Subject: About {topic(number)} {WORDS[number % len(WORDS)]} delivery\n"
            f"Date: Tue, 24 Nov 2026 10:00:00 +0000\nMessage-ID: <{number}@bench.test>\n"
            "MIME-Version: 1.0\nContent-Type: multipart/alternative; boundary=frontier\n\n"
            "--frontier\nContent-Type: text/plain; charset=utf-8\n\n")
    middle = "--frontier\nContent-Type: text/html; charset=utf-8\n\n<html><body><p>\n"
    tail = "</p></body></html>\n--frontier--\n"
    half = (TARGET_SIZE - len(head) - len(middle) - len(tail)) // 2
    return head + paragraph(chance, half) + middle + paragraph(chance, half) + tail


def templates(folder, count):
    """Writes `count` different messages; returns their paths."""
    paths = []
    for number in range(count):
        path = folder / f"message-{number}.eml"
        path.write_text(multipart(number))
        paths.append(path)
    return paths


def plain(chance, octets):
    """A small message of `octets` or a little more, each different."""
    body = base64.encodebytes(chance.randbytes(octets * 3 // 4)).replace(b"\n", b"\r\n")
    return b"Subject: %d\r\n\r\n%s\r\n" % (chance.getrandbits(64), body)


def large(number, octets):
    """Pieces of a message of about `octets`, with an attachment of random octets."""
    yield (f"From: app@bench.test\r\nSubject: Large {number}\r\nMIME-Version: 1.0\r\n"
           "Content-Type: application/octet-stream; name=large.bin\r\n"
           "Content-Transfer-Encoding: base64\r\n\r\n").encode()
    block = base64.encodebytes(random.Random(number).randbytes(PIECE)).replace(b"\n", b"\r\n")
    for _ in range(octets // len(block)):
        yield block
