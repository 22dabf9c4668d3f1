"""250 means stored: kill -9 in the middle of a load loses nothing that was acknowledged."""
import random
import threading

from program import run
from wire import stored_id

THREADS = 4
ENOUGH = 300  # acknowledged messages before the kill
SIZES = (10,) * 6 + (3000,) * 12 + (200_000, 1_200_000)  # the last is of several pieces in the store


class Load:
    """Sends from several threads until the server is gone, and remembers what got its 250. `enough`
    is set when that is plenty, or when a thread has ended before."""

    def __init__(self, server):
        self.server = server
        self.acknowledged = {}
        self.enough = threading.Event()
        self.threads = [threading.Thread(target=self._send, args=(n,)) for n in range(THREADS)]

    def _send(self, number):
        chance = random.Random(number)
        try:
            with self.server.session() as session:
                while True:
                    raw = b"Subject: %d\r\n\r\n%s\r\n" % (
                        number, chance.randbytes(chance.choice(SIZES)).hex().encode())
                    session.begin()
                    self.acknowledged[stored_id(session.finish(raw))] = raw
                    if len(self.acknowledged) >= ENOUGH:
                        self.enough.set()
        except OSError:
            pass  # the connection broke, in whatever step
        finally:
            self.enough.set()


def check_well(folder, database):
    """No message is there in half, and all that goes along with messages fits them."""
    result = run(folder, "check", "--db", database)
    assert result.returncode == 0, result


def test_kill_loses_nothing_acknowledged(start, tmp_path):
    server = start()
    load = Load(server)
    for thread in load.threads:
        thread.start()
    load.enough.wait(120)
    count = len(load.acknowledged)
    server.kill()
    for thread in load.threads:
        thread.join()
    assert count >= ENOUGH, "it broke off, or is too slow"
    check_well(tmp_path, server.db)

    again = start()
    for message_id, raw in load.acknowledged.items():
        assert again.rest.raw(message_id) == raw
    # Besides those, each thread may have had one message stored whose 250 it never saw.
    assert 0 <= again.rest.messages()["total"] - len(load.acknowledged) <= THREADS
    again.stop()
    check_well(tmp_path, again.db)
