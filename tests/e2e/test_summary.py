"""The count at the end of a test run must not be rosier than the run."""
import json
import subprocess
import sys

import pytest

from program import ROOT


def program(name, output, result="OK"):
    return json.dumps({"name": name, "stdout": output, "result": result}) + "\n"


CASES = {
    "all-is-well": ({"unit.json": program("a", "1..2\nok 1 - x\nok 2 - y\n"), "unit.status": "0"},
                    "2 passed, 0 failed"),
    "program-without-tap": ({"unit.json": program("a", ""), "unit.status": "0"},
                            "1 passed, 0 failed"),
    "no-report": ({"unit.status": "0"}, "0 passed, 1 failed"),
    "empty-report": ({"unit.tap": "1..0\n", "unit.status": "0"}, "0 passed, 1 failed"),
    "runner-failed": ({"unit.tap": "ok 1 - x\n", "unit.status": "3"}, "1 passed, 1 failed"),
    "test-failed": ({"unit.tap": "ok 1 - x\nnot ok 2 - y\n", "unit.status": "1"},
                    "1 passed, 1 failed"),
    "program-crashed": (
        {"unit.json": program("a", "1..3\nok 1 - x\n", "FAIL"), "unit.status": "1"},
        "1 passed, 2 failed"),
    "leak-at-exit": ({"unit.json": program("a", "1..1\nok 1 - x\n", "FAIL"), "unit.status": "1"},
                     "1 passed, 1 failed"),
    "timeout": ({"unit.json": program("a", "", "TIMEOUT"), "unit.status": "1"},
                "0 passed, 1 failed"),
    "subtests": (
        {"unit.tap": "    ok 1 - x\n    not ok 2 - y\nnot ok 1 - suite\nok 2 - z # SKIP\n",
         "unit.status": "1"}, "1 passed, 1 failed, 1 skipped"),
    "suite-failed-alone": ({"unit.tap": "    ok 1 - x\nnot ok 1 - suite\n", "unit.status": "1"},
                           "1 passed, 1 failed"),
    "junit": (
        {"unit.xml": "<r><testcase name='x'/><testcase name='y'><failure/></testcase>"
                     "<testcase name='z'><error/></testcase><testcase name='s'><skipped/></testcase>"
                     "</r>", "unit.status": "1"}, "1 passed, 2 failed, 1 skipped"),
}


@pytest.mark.parametrize("case", CASES)
def test_summary(tmp_path, case):
    files, last_line = CASES[case]
    for name, text in files.items():
        (tmp_path / name).write_text(text)
    result = subprocess.run([sys.executable, ROOT / "tests" / "summary.py", tmp_path, "unit"],
                            capture_output=True, text=True)
    assert result.stderr == ""
    assert result.stdout.splitlines()[-1] == last_line
    assert result.returncode == (0 if " 0 failed" in last_line else 1)
