"""What README.md says is so: its options are those of --help, its examples work."""
import json
import re
import subprocess

import pytest

from program import ROOT, run

README = (ROOT / "README.md").read_text()
EXAMPLES = [block for block in re.findall(r"```sh\n(.*?)```", README, re.DOTALL)
            if block.startswith("curl")]
OF_TLS = [block for block in EXAMPLES if "ca.pem" in block]
OF_INBOXES = [block for block in EXAMPLES if "/inboxes -H" in block or "/inboxes/signup" in block]
EXAMPLES = [block for block in EXAMPLES if block not in OF_TLS + OF_INBOXES]


def options(help_text):
    """[("--flag VALUE", "what it is for")] of the help's paragraphs."""
    for head, body in re.findall(r"^  (--\S+ \S+)\n((?: {8}.*\n)+)", help_text, re.MULTILINE):
        lines = [line.strip() for line in body.splitlines()]
        yield head, " ".join(line for line in lines if not line.startswith("MAILSTOP_"))


def test_options_are_those_of_help(tmp_path):
    rows = [f"| `{head}` | {text} |" for head, text in options(run(tmp_path, "--help").stdout)]
    assert rows
    assert [line for line in README.splitlines() if line.startswith("| `--")] == rows


def run_example(server, example, **options):
    command = example.replace("localhost:1025", "127.0.0.1:%d" % server.smtp[1])
    command = command.replace("localhost:8025", "127.0.0.1:%d" % server.http[1])
    command = command.replace("curl ", "curl --silent --show-error --fail ")
    result = subprocess.run(["bash", "-euc", command], capture_output=True, timeout=60,
                            stdin=subprocess.DEVNULL, **options)
    assert result.returncode == 0, (example, result.stderr)
    return result.stdout.decode()  # its line ends as they are


def test_examples_work(start):
    server = start()
    lasting = [e for e in EXAMPLES if "/events" in e]
    assert len(EXAMPLES) == 7 and len(lasting) == 1
    outputs = []
    for example in EXAMPLES:
        if example not in lasting:
            outputs.append(run_example(server, example))
    sent, listed, found, read, put, cleared = outputs
    assert sent == ""
    assert '"subject":"Your parcel is here"' in listed.replace('": ', '":')
    assert found.replace(" ", "") == listed.replace(" ", "")
    assert "Hello!" in read and "Subject: Your parcel is here\r\n" in read
    assert '"subject":"Hello"' in put.replace('": ', '":')
    assert cleared.replace(" ", "").strip() == '{"deleted":2}'


def test_examples_of_inboxes_work(start):
    server = start()
    make, wait, expect, fail = OF_INBOXES
    assert json.loads(run_example(server, make))["name"] == "signup"
    server.deliver(b"To: ann@signup.test\r\nSubject: Welcome\r\n\r\nYour code: 123456\r\n",
                   to=["ann@signup.test"])
    assert json.loads(run_example(server, wait))["items"][0]["subject"] == "Welcome"
    assert json.loads(run_example(server, expect))["passed"] is True
    assert json.loads(run_example(server, fail))["in_force"] is True
    with server.session() as session:
        session.command("MAIL FROM:<a@b.test>")
        assert [session.command("RCPT TO:<ann@signup.test>").code for _ in range(3)] == [
            450, 450, 250]


def test_example_of_events_works(start):
    server = start()
    [example] = [e for e in EXAMPLES if "/events" in e]
    url = re.search(r"http://localhost:8025(\S+)", example)[1]
    assert url == "/api/v1/events"
    with server.rest.events() as events:
        server.deliver(b"Subject: x\r\n\r\n")
        assert events.next("message.created")


def test_examples_of_tls_work(start, tmp_path):
    [example] = OF_TLS
    assert "Verification: OK" in run_example(start("--starttls"), example, cwd=tmp_path)


@pytest.mark.parametrize("name", re.findall(r"\]\(([A-Z]+(?:\.md)?)\)", README))
def test_links_lead_somewhere(name):
    assert (ROOT / name).exists()
