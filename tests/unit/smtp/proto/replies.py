#!/usr/bin/env python3
"""Walks the table of server/smtp/REPLIES.md: replies.py ROOT fails unless every row is shown by the
dialogue or test it names, every code of the RFCs has a row, and the code says no reply that has
none. The dialogues themselves are played elsewhere.
"""
import pathlib
import re
import sys

CODES = """211 214 220 221 235 250 251 252 334 354 421 450 451 452 454 455 500 501 502 503 504 521 530
534 535 538 541 550 551 552 553 554 555 556""".split()
HOST = {("535", "5.7.8"), ("550", "5.2.1")}  # by itself, and not by the protocol engine
ROW = re.compile(r"\| (\d{3}) \| ([\d.]*) ?\| (.*?) ?\| (.+?) \| (\S+) \|")
IN_CODE = re.compile(r'\b([2-5]\d\d), (?:NULL|"(\d\.\d+\.\d+)")|"([2-5]\d\d) (\d\.\d+\.\d+) ')


def rows(page):
    table = [line for line in page.splitlines() if re.match(r"\| \d", line)]
    matches = [ROW.fullmatch(line) for line in table]
    assert table and all(matches), [t for t, m in zip(table, matches) if not m]
    return [match.groups() for match in matches]


def said_in_code(root):
    """(code, enhanced) of each reply in the sources; where it was said wrong, if there is no row."""
    for path in sorted((root / "server" / "smtp").rglob("*.c")):
        for match in IN_CODE.finditer(path.read_text()):
            code, enhanced = match[1] or match[3], match[2] or match[4] or ""
            yield (code, enhanced), path


def replies_in(transcript):
    """(code, enhanced, text of the host or not) for each line of a reply."""
    answer = None
    for line in transcript.read_text(errors="replace").splitlines():
        if line.startswith("A: "):
            answer = line[3:]
        elif match := re.match(r"S: (\d{3})[ -](?:(\d\.\d+\.\d+) )?", line):
            yield match[1], match[2] or "", line[3:] == answer
            answer = None


def fault_of(root, row):
    code, enhanced, by_itself, _, shown_in = row
    if shown_in.endswith(".py"):
        path = root / "tests" / "e2e" / shown_in
        return None if by_itself and path.exists() and code in path.read_text() else "not shown"
    path = root / "tests" / "transcripts" / f"{shown_in}.smtp"
    if not path.exists():
        return "no such dialogue"
    said = set(replies_in(path))
    is_the_host = (code, enhanced) in HOST or not by_itself
    return None if (code, enhanced, is_the_host) in said else "the dialogue does not show it"


def main(root):
    root = pathlib.Path(root)
    table = rows((root / "server" / "smtp" / "REPLIES.md").read_text())
    known = {(row[0], row[1]) for row in table}
    bad = [f"{row[0]} {row[1]}: {fault}" for row in table if (fault := fault_of(root, row))]
    bad += [f"{code}: no row" for code in CODES if code not in {code for code, _ in known}]
    bad += [f"{code} {enhanced} in {path.name}: no row"
            for (code, enhanced), path in said_in_code(root) if (code, enhanced) not in known]
    if len(known) != len(table):
        bad.append("a reply has two rows")
    if bad:
        sys.exit("\n".join(bad))
    print(f"{len(table)} replies, each shown")


main(*sys.argv[1:])
