import assert from "node:assert/strict";
import { test } from "node:test";
import { address, shortTime, size, subject } from "../src/view/format";
import { decode, toLines } from "../src/view/message/lines";
import { linkify } from "../src/view/message/linkify";

const sizes: [number, string][] = [
  [0, "0 B"],
  [999, "999 B"],
  [1000, "1.0 KB"],
  [9949, "9.9 KB"],
  [9950, "10 KB"],
  [999_499, "999 KB"],
  [999_500, "1.0 MB"],
  [50_000_000, "50 MB"],
  [5_000_000_000_000, "5000 GB"],
];

for (const [bytes, text] of sizes) {
  test(`${bytes} bytes are ${text}`, () => assert.equal(size(bytes), text));
}

test("a time of today is a time, another is a day", () => {
  const noon = new Date(2026, 10, 23, 12, 4);
  assert.match(shortTime(noon.toISOString(), noon.toDateString()), /^12.04$/);
  assert.match(shortTime(noon.toISOString(), new Date(2026, 10, 24).toDateString()), /23/);
  assert.match(shortTime(noon.toISOString(), new Date(2027, 0, 1).toDateString()), /2026/);
  assert.equal(shortTime("never", noon.toDateString()), "");
});

test("what has no name or subject is named still", () => {
  assert.equal(address({ name: "", address: "a@b" }), "a@b");
  assert.equal(address({ name: "Ann", address: "a@b" }), "Ann <a@b>");
  assert.equal(subject({ subject: "" }), "(no subject)");
  assert.equal(subject({ subject: "  " }), "(no subject)");
});

const lines = (raw: string) =>
  toLines(raw).map(({ number, text, ending }) => [number, text, ending]);

test("lines are numbered, and other ends than CRLF are told", () => {
  assert.deepEqual(lines("a\r\n\r\nb\nc\rd"), [
    [1, "a", null],
    [2, "", null],
    [3, "b", "LF"],
    [4, "c", "CR"],
    [5, "d", null],
  ]);
  assert.deepEqual(lines(""), []);
});

test("a long line is cut into rows, and only the last has the end", () => {
  const rows = toLines(`${"x".repeat(2500)}\n`);
  assert.deepEqual(
    rows.map(({ number, text, ending }) => [number, text.length, ending]),
    [
      [1, 1000, null],
      [null, 1000, null],
      [null, 500, "LF"],
    ],
  );
});

test("control characters are seen, tabs stay", () => {
  assert.deepEqual(lines("\0\x1b\t\x7f"), [[1, "␀␛\t␡", null]]);
});

test("bytes are UTF-8, else one character each", () => {
  assert.equal(decode(new TextEncoder().encode("für €")), "für €");
  assert.equal(decode(Uint8Array.of(0x66, 0xfc, 0x72)), "für");
  assert.equal(decode(new TextEncoder().encode("a€").subarray(0, 3)), "a");
});

test("addresses in text become links, and nothing else does", () => {
  assert.deepEqual(linkify("See https://a.test/x?y=1, or <http://b.test>."), [
    { text: "See " },
    { text: "https://a.test/x?y=1", href: "https://a.test/x?y=1" },
    { text: ", or <" },
    { text: "http://b.test", href: "http://b.test" },
    { text: ">." },
  ]);
  assert.deepEqual(linkify("javascript:alert(1)"), [{ text: "javascript:alert(1)" }]);
  assert.deepEqual(linkify(""), []);
});
