"""--compression: what is stored from now on; what is there can be read either way."""
import contextlib
import sqlite3

import pytest

RAWS = [b"Subject: small\r\n\r\n" + b"again and again\r\n" * 1000,
        b"Subject: large\r\n\r\n" + b"0123456789abcde\r\n" * 200_000]
OPTION = {"none": 0, "zstd": 1}  # as db/schema.md has them


def codecs(server, message_id):
    with contextlib.closing(sqlite3.connect(server.db)) as db:
        return {codec for codec, in db.execute("SELECT codec FROM chunk WHERE id / 65536 = ?",
                                               (message_id,))}


@pytest.mark.parametrize("kinds", [("zstd", "none"), ("none", "zstd")], ids="-then-".join)
def test_both_kinds_in_one_database(start, kinds):
    stored = {}
    for kind in kinds:
        server = start("--compression", kind)
        ids = [server.deliver(raw) for raw in RAWS]
        assert [codecs(server, i) for i in ids] == [{OPTION[kind]}, {OPTION[kind]}]
        stored |= zip(ids, RAWS)
        for message_id, raw in stored.items():
            assert server.rest.raw(message_id) == raw
        server.stop()


def test_compressed_by_default(start):
    server = start()
    assert codecs(server, server.deliver(RAWS[0])) == {OPTION["zstd"]}
