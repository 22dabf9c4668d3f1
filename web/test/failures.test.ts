import assert from "node:assert/strict";
import { test } from "node:test";
import { failures, refreshFailures, startFailures } from "../src/state/failures";
import { seenSession } from "../src/state/settings";
import { settle } from "./fixtures";

test("what was seen while failures were counted is not one of them", async () => {
  let count = () => {};
  const counting = new Promise<void>(resolve => {
    count = resolve;
  });
  globalThis.fetch = async input => {
    if (String(input).includes("failed")) await counting;
    return Response.json({ items: [{ id: 7 }, { id: 6 }], total: 2, next: null });
  };
  startFailures();
  await settle(); // it is under way
  seenSession.value = 6;
  count();
  await settle();
  assert.equal(failures.value?.data, 1);
  seenSession.value = 7;
  await refreshFailures();
  assert.equal(failures.value?.data, 0);
});
