import assert from "node:assert/strict";
import { test } from "node:test";
import type { TranscriptEntry } from "../src/api";
import { folded } from "../src/view/fold";

type Line = [TranscriptEntry["from"], string];

const rows = (...lines: Line[]) =>
  folded(lines.map(([from, text], at_ms) => ({ at_ms, from, text }) as TranscriptEntry)).map(
    ({ entry, more }) => [entry.at_ms, ...more],
  );

test("the lines of a reply are one row", () => {
  assert.deepEqual(
    rows(
      ["client", "EHLO a"],
      ["server", "250-b"],
      ["server", "250-SIZE"],
      ["server", "250 HELP"],
      ["server", "220 next"],
    ),
    [[0], [1, "250-SIZE", "250 HELP"], [4]],
  );
});

test("a reply that is broken off ends where another speaks", () => {
  assert.deepEqual(
    rows(["server", "250-b"], ["mailstop", "lost"], ["server", "221 c"], ["client", "250-no"]),
    [[0], [1], [2], [3]],
  );
});
