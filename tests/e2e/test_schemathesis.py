"""What schemathesis makes of the document, asked of a server with mail in it: no answer that the
document does not know, and none of 5xx."""
import copy
import json
import pathlib
import subprocess
import sys

import pytest
import yaml

ROOT = pathlib.Path(__file__).resolve().parents[2]
DOCUMENT = yaml.safe_load((ROOT / "web" / "openapi.yaml").read_text())
SCHEMATHESIS = pathlib.Path(sys.executable).parent / "schemathesis"
CHECKS = ("not_a_server_error", "status_code_conformance", "content_type_conformance",
          "response_headers_conformance", "response_schema_conformance", "unsupported_method",
          "allow_header_conformance")
SECONDS = 15  # each run goes on for so long at most

MAIL = (b"From: Ann <ann@b.test>\r\nTo: bob@b.test\r\nSubject: Report\r\nMIME-Version: 1.0\r\n"
        b"Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\nSee there.\r\n--b\r\n"
        b"Content-Type: text/html\r\n\r\n<p>See there.</p>\r\n--b\r\n"
        b"Content-Disposition: attachment; filename=a.bin\r\n\r\n0123456789\r\n--b--\r\n")

STREAMS = ("--exclude-operation-id", "streamEvents")  # it has no end
WAITS = ("waitForMessages", "expectMessages")  # for as long as they are asked to

RUNS = {
    "reading and changing": (*STREAMS, "--exclude-method", "DELETE",
                             *(a for name in WAITS for a in ("--exclude-operation-id", name))),
    "deleting": ("--include-method", "DELETE"),
    "waiting": ("--mode", "positive",
                *(a for name in WAITS for a in ("--include-operation-id", name))),
}


def shortened():
    """The document, save that nothing is waited for longer than a moment, and that messages are
    composed: schemathesis writes no message/rfc822."""
    document = copy.deepcopy(DOCUMENT)
    paths = document["paths"]
    timeout, = (p for p in paths["/api/v1/inboxes/{inbox}/wait"]["get"]["parameters"]
                if p.get("name") == "timeout")
    timeout |= {"required": True, "schema": {"type": "integer", "const": 0}}
    expectation = document["components"]["schemas"]["Expectation"]
    expectation["required"] += ["within_ms"]
    expectation["properties"]["within_ms"] = {"type": "integer", "minimum": 0, "maximum": 20}
    expectation["example"]["within_ms"] = 20
    del paths["/api/v1/inboxes/{inbox}/messages"]["post"]["requestBody"]["content"]["message/rfc822"]
    return document


@pytest.mark.parametrize("name", RUNS)
def test_the_document_is_kept_to(start, tmp_path, name):
    program = start()
    for _ in range(50):
        program.deliver(MAIL)
    document = tmp_path / "openapi.json"
    document.write_text(json.dumps(shortened()))
    host, port = program.http
    done = subprocess.run(
        [SCHEMATHESIS, "run", document, "--url", f"http://{host}:{port}", "--checks",
         ",".join(CHECKS), "--phases", "examples,coverage,fuzzing", "--max-examples", "10",
         "--max-time", str(SECONDS), "--seed", "1", "--warnings", "off", "--no-color",
         "--generation-database", "none", *RUNS[name]],
        cwd=tmp_path, text=True, stdin=subprocess.DEVNULL, capture_output=True, timeout=180)
    assert done.returncode == 0, done.stdout + done.stderr
