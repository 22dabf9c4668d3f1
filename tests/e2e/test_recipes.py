"""The recipes that people copy work, each with its own stack, and say so when mail is not as it
should be."""
import os
import pathlib
import re
import shutil
import subprocess

import pytest

from program import BINARY, ROOT

TEXT = (ROOT / "tests/recipes/README.md").read_text()
FILES = dict(re.findall(r"^`([\w.]+)`\n\n```\w+\n(.*?)^```$", TEXT, re.DOTALL | re.MULTILINE))
BUILD = pathlib.Path(BINARY).parent
NODE_MODULES = ROOT / "tests/browser/node_modules"
JAVA = ":".join(f"/usr/share/java/{name}.jar" for name in (
    "junit-jupiter-api", "junit-jupiter-engine", "junit-platform-commons", "junit-platform-engine",
    "junit-platform-launcher", "junit-platform-console", "junit-platform-reporting", "opentest4j",
    "opentest4j-reporting-events", "opentest4j-reporting-schema", "apiguardian-api", "picocli",
    "univocity-parsers", "javax.mail", "javax.activation"))
HASTE = [('{"match": ', '{"within_ms": 100, "match": '), ("{ match: ", "{ within_ms: 100, match: "),
         (", match: ", ", within_ms: 100, match: "), ("['match'", "['within_ms' => 100, 'match'"),
         (r'{\"match\": ', r'{\"within_ms\": 100, \"match\": ')]
CYPRESS = """\
import { inbox, mail } from "./mail.mjs";
import nodemailer from "nodemailer";
const name = await inbox("cypress.test");
const [host, port] = process.env.SMTP.split(":");
await nodemailer.createTransport({ host, port }).sendMail({
  from: "app@shop.test", to: "ann@cypress.test", subject: "Welcome, Ann", text: "Your code: 123456" });
const { subject } = await mail(name, "subject:welcome");
if (subject !== "Welcome, Ann") throw new Error(subject);
"""

COMMANDS = {
    "signup.sh": "bash signup.sh",
    "test_signup.py": "python3 -m pytest -q -p no:cacheprovider test_signup.py",
    "signup.test.mjs": "node --test signup.test.mjs",
    "signup.playwright.mjs": "node signup.playwright.mjs",
    "mail.mjs": "node cypress.mjs",
    "SignupTest.java": f"javac -cp {JAVA} SignupTest.java && java -cp .:{JAVA} "
                       "org.junit.platform.console.ConsoleLauncher --disable-banner -c SignupTest",
    "signup_test.go": "go test signup_test.go",
    "signup_spec.rb": "rspec signup_spec.rb",
    "SignupTest.php": "phpunit --bootstrap /usr/share/php/libphp-phpmailer/autoload.php "
                      "SignupTest.php",
}


@pytest.fixture
def run_recipe(server, tmp_path):
    environment = os.environ | {
        "MAILSTOP": "http://%s:%d" % server.http, "SMTP": "%s:%d" % server.smtp,
        "CHROMIUM": shutil.which("chromium") or "chromium", "HOME": str(tmp_path), "GOFLAGS": "-count=1",
        "GOCACHE": str(BUILD / "go"),
        "PATH": os.pathsep.join([str(BUILD / "venv/bin"), os.environ["PATH"]])}

    def run(name, text):
        (tmp_path / name).write_text(text)
        return subprocess.run(["bash", "-ec", COMMANDS[name]], cwd=tmp_path, env=environment,
                              capture_output=True, text=True, timeout=120, stdin=subprocess.DEVNULL)

    (tmp_path / "node_modules").symlink_to(NODE_MODULES)
    (tmp_path / "cypress.mjs").write_text(CYPRESS)
    return run


def test_each_is_run():
    assert FILES.keys() == COMMANDS.keys()


@pytest.mark.parametrize("name", COMMANDS)
def test_it_works(run_recipe, name):
    result = run_recipe(name, FILES[name])
    assert result.returncode == 0, result.stdout + result.stderr


@pytest.mark.parametrize("name", [name for name in COMMANDS if "/expect" in FILES[name]])
def test_it_says_what_was_missing(run_recipe, name):
    """The application sends another code than the test wants."""
    text = FILES[name].replace("123456", "12345x")
    for patient, hasty in HASTE:
        text = text.replace(patient, hasty)
    result = run_recipe(name, text)
    assert result.returncode != 0
    assert "12345x" in result.stdout + result.stderr
