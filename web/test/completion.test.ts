import assert from "node:assert/strict";
import { test } from "node:test";
import { accept, complete, isBegun } from "../src/state/completion";
import { message } from "./fixtures";

const known = {
  messages: [
    message(2, { warnings: [{ code: "bare-lf", detail: "", reference: "RFC 5321 2.3.8" }] }),
    message(1, { to: [{ name: "Bob", address: "bob@b.test" }], tags: ["keep"] }),
  ],
  inboxes: [],
};

const offered = (text: string, caret = text.length) =>
  complete(text, caret, known).suggestions.map(suggestion => suggestion.text);

const cases: [string, string[]][] = [
  ["fr", ["from:"]],
  ["a -sub", ["-subject:"]],
  ["(is:", ["is:unread ", "is:read ", "is:pinned "]],
  ["is:unread", []],
  ["from:", ["from:app@shop.test "]],
  ["to:bob", ["to:bob@b.test "]],
  ["to:B", ["to:ann@b.test ", "to:bob@b.test "]],
  ["warning:", ["warning:bare-lf "]],
  ["tag:k", ["tag:keep "]],
  ["subject:x", []],
  ['"from', []],
  ['subject:"a b" fr', ["from:"]],
  ["nothing", []],
];

for (const [text, wanted] of cases) {
  test(`“${text}” may go on with ${wanted.join("or ") || "anything"}`, () => {
    assert.deepEqual(offered(text), wanted);
  });
}

test("an empty field offers the operators people need most", () => {
  assert.equal(offered("")[0], "from:");
  assert.equal(offered("").length, 8);
});

test("a suggestion takes the place of what was begun, wherever the caret is", () => {
  const text = "fr order";
  const completion = complete(text, 2, known);
  const [first] = completion.suggestions;
  assert.ok(first);
  assert.deepEqual(accept(text, completion, first), { text: "from: order", caret: 5 });
});

for (const [text, expected] of [
  ["is:", true],
  ["order -has:", true],
  ["order (FROM:", true],
  ["is:un", true],
  ["is:unread", false],
  ["is:what", false],
  ["is: ", false],
  ["from:a", false],
  ["what:", false],
  ["is", false],
  ["", false],
  ['"is:', false],
] as const) {
  test(`${JSON.stringify(text)} is ${expected ? "only begun" : "looked for"}`, () => {
    assert.equal(isBegun(text), expected);
  });
}
