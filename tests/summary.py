#!/usr/bin/env python3
"""Counts the reports of a test run: summary.py REPORTS PART...

Prints what failed, a line for each part, and at the end "N passed, N failed". A part that ran no
test, or whose runner failed though no test did, counts as a failure of its own.
"""
import collections
import json
import pathlib
import re
import sys
import xml.etree.ElementTree

PASSED, FAILED, SKIPPED = "passed", "failed", "skipped"
Result = collections.namedtuple("Result", "part name outcome")
TAP_LINE = re.compile(r"^( *)(not )?ok\b *\d* *-? *(.*)")


def tap(text):
    """The results of a TAP report. A test with subtests is told by them, unless it failed alone."""
    results, orphans = [], []  # orphans: (indent, failed) of lines whose parent has not come yet
    for line in text.splitlines():
        match = TAP_LINE.match(line)
        if not match:
            continue
        indent, failed, name = len(match[1]), bool(match[2]), match[3]
        children = []
        while orphans and orphans[-1][0] > indent:
            children.append(orphans.pop())
        orphans.append((indent, failed))
        if children and (not failed or any(child_failed for _, child_failed in children)):
            continue
        skipped = re.search(r"# *(skip|todo)\b", name, re.IGNORECASE)
        results.append((name, SKIPPED if skipped else FAILED if failed else PASSED))
    return results


def meson(text):
    """meson's testlog.json: one object a line, with the program's TAP in it, if it prints any."""
    for program in map(json.loads, text.splitlines()):
        name, succeeded = program["name"], program["result"] == "OK"
        output = program.get("stdout", "")
        results = tap(output)
        plan = re.search(r"^1\.\.(\d+)", output, re.MULTILINE)
        missing = int(plan[1]) - len(results) if plan else 0
        for test, outcome in results + [("not reached", FAILED)] * missing:
            yield f"{name}: {test}", outcome
        if succeeded and not plan:
            yield name, PASSED
        if not succeeded and not missing and all(outcome != FAILED for _, outcome in results):
            yield f"{name}: {program['result']}", FAILED


def junit(text):
    for case in xml.etree.ElementTree.fromstring(text).iter("testcase"):
        kinds = {child.tag for child in case}
        outcome = FAILED if kinds & {"failure", "error"} else PASSED
        if outcome == PASSED and "skipped" in kinds:
            outcome = SKIPPED
        yield f"{case.get('classname')}::{case.get('name')}", outcome


READERS = {"tap": tap, "json": meson, "xml": junit}


def read_part(reports, part):
    results = []
    for suffix, reader in READERS.items():
        path = reports / f"{part}.{suffix}"
        if path.exists():
            results += [Result(part, *result) for result in reader(path.read_text("utf-8", "replace"))]
    status = reports / f"{part}.status"
    if not results:
        results.append(Result(part, "no test ran", FAILED))
    elif status.read_text().strip() != "0" and all(r.outcome != FAILED for r in results):
        results.append(Result(part, f"its runner ended with {status.read_text().strip()}", FAILED))
    return results


def row_of(result):
    """The messages of others are told apart from the project's own tests."""
    return "mail corpus" if "test_corpus" in result.name else result.part


def sentence(counts):
    text = f"{counts[PASSED]} passed, {counts[FAILED]} failed"
    return text + (f", {counts[SKIPPED]} skipped" if counts[SKIPPED] else "")


def main(reports, *parts):
    results = [r for part in parts for r in read_part(pathlib.Path(reports), part)]
    rows, total = collections.defaultdict(collections.Counter), collections.Counter()
    for result in results:
        rows[row_of(result)][result.outcome] += 1
        total[result.outcome] += 1
        if result.outcome == FAILED:
            print(f"FAILED  {result.part}: {result.name}")
    for name, counts in rows.items():
        print(f"{name:<12}{sentence(counts)}")
    print(f"\n{sentence(total)}")
    return 1 if total[FAILED] else 0


sys.exit(main(*sys.argv[1:]))
