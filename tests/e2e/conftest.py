"""Fixtures: `server` is shared by all tests, so each uses recipients of its own; `start` gives a
test a process of its own. Neither may leave an error in the log."""
import pytest

from program import Program


@pytest.fixture
def start(tmp_path):
    """start("--flag", ...) runs the program; on one database if started again."""
    programs = []

    def start_one(*arguments, **options):
        programs.append(Program(tmp_path, *arguments, **options))
        return programs[-1]

    yield start_one
    try:
        for program in programs:
            program.stop()
    finally:
        for program in programs:
            if program.process.returncode is None:
                program.kill()


@pytest.fixture(scope="session")
def shared_server(tmp_path_factory):
    program = Program(tmp_path_factory.mktemp("shared"))
    yield program
    program.stop()


@pytest.fixture
def server(shared_server):
    assert shared_server.process.poll() is None, "it ended in an earlier test"
    start = shared_server.log_size()
    yield shared_server
    shared_server.check_log(start)


@pytest.fixture
def recipient(request):
    """An address that no other test uses."""
    letters = (c if c.isalnum() else "-" for c in request.node.name.lower())
    return "".join(letters)[:60].strip("-") + "@example.test"
