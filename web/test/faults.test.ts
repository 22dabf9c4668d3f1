import assert from "node:assert/strict";
import { test } from "node:test";
import type { FaultRule } from "../src/api";
import { actText, bare, fromForm, moved, toForm, whenText } from "../src/state/fault-rules";

const said: [FaultRule, string, string][] = [
  [
    { stage: "rcpt", address: "*@slow.test", reply: { code: 450, enhanced: "4.2.1" }, times: 2 },
    "At RCPT, to *@slow.test, 2 times",
    "reply 450 4.2.1",
  ],
  [
    { stage: "data", bytes: 1000, delay_ms: 20, drop: true },
    "At DATA, after 1,000 octets",
    "wait 20 ms, then cut the connection",
  ],
  [
    { stage: "session", throttle_bytes_per_second: 500, probability: 0.125 },
    "All the time, 12.5 % of them",
    "500 octets a second",
  ],
  [{ stage: "rcpt", greylist: { seconds: 300 } }, "At RCPT, for the first 300 s", "greylist"],
  [{ stage: "starttls", fail: "expired-certificate" }, "At STARTTLS", "TLS: expired certificate"],
];

for (const [rule, when, act] of said) {
  test(`${act} is said of a rule`, () => {
    assert.equal(whenText(rule), when);
    assert.equal(actText(rule), act);
  });
}

const plain = (rule: FaultRule) => JSON.parse(JSON.stringify(rule));

for (const [rule] of said) {
  test(`the form changes nothing of a rule by itself: ${actText(rule)}`, () => {
    assert.deepEqual(plain(fromForm(toForm(rule), { ...rule, hits: 3 })), plain(rule));
  });
}

test("the form changes what it names, and keeps what it does not know", () => {
  const old: FaultRule = { stage: "rcpt", helo: "app", reply: { code: 450, text: "Later" } };
  const form = { ...toForm(old), action: "drop" as const, times: "1", probability: "50" };
  assert.deepEqual(plain(fromForm(form, old)), {
    stage: "rcpt",
    helo: "app",
    drop: true,
    times: 1,
    probability: 0.5,
  });
});

test("rules change places, and hits are not put", () => {
  const names = ["mail", "rcpt", "data"] as const;
  const rules = names.map((stage): FaultRule => ({ stage, hits: 1 }));
  assert.deepEqual(
    bare(moved(rules, 2, 0)),
    ["data", "mail", "rcpt"].map(stage => ({ stage })),
  );
});
