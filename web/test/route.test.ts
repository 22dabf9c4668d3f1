import assert from "node:assert/strict";
import { test } from "node:test";
import { formatRoute, parseRoute, type Route } from "../src/route";

const inbox = {
  page: "inbox",
  inbox: "default",
  query: "",
  message: null,
  tab: "preview",
} as const;

const places: [string, Route][] = [
  ["inbox/default", inbox],
  ["inbox/signup-42", { ...inbox, inbox: "signup-42" }],
  ["inbox/default?query=is%3Aunread+a%26b", { ...inbox, query: "is:unread a&b" }],
  ["inbox/default/message/7", { ...inbox, message: 7 }],
  ["inbox/default/message/7/raw", { ...inbox, message: 7, tab: "raw" }],
  ["inbox/default/message/7/text?query=x", { ...inbox, message: 7, tab: "text", query: "x" }],
  ["all", { ...inbox, inbox: "" }],
  ["all/message/7/raw?query=a", { ...inbox, inbox: "", query: "a", message: 7, tab: "raw" }],
  ["sessions", { page: "sessions", inbox: "", failed: false, query: "", session: null }],
  [
    "sessions/17?inbox=shop&failed=true&query=550+a",
    { page: "sessions", inbox: "shop", failed: true, query: "550 a", session: 17 },
  ],
  ["faults", { page: "faults", inbox: "" }],
  ["faults/shop", { page: "faults", inbox: "shop" }],
  ["inboxes", { page: "inboxes" }],
];

for (const [address, route] of places) {
  test(`${address} is read and written`, () => {
    const [path = "", search] = address.split("?");
    assert.deepEqual(parseRoute(path, search), route);
    assert.equal(formatRoute(route), address);
  });
}

test("the start is the default inbox", () => {
  assert.deepEqual(parseRoute(""), inbox);
});

for (const address of [
  "what",
  "inbox",
  "inbox/",
  "all/what",
  "all/message/7/raw/more",
  "inbox/default/message",
  "inbox/default/message/0",
  "inbox/default/message/x",
  "inbox/default/message/7/other",
  "inbox/default/message/7/raw/more",
  "inbox/default/session/7",
  "faults/shop/more",
  "sessions/x",
  "sessions/7/more",
]) {
  test(`${address} is no place`, () => {
    assert.deepEqual(parseRoute(address), { page: "unknown" });
  });
}

test("a broken escape is taken as it stands", () => {
  assert.deepEqual(parseRoute("inbox/%zz"), { ...inbox, inbox: "%zz" });
});
