import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";
import { listen, type News } from "../src/live";
import { FakeClock } from "./fixtures";

class FakeEventSource extends EventTarget {
  static all: FakeEventSource[] = [];
  onopen = () => {};
  onerror = () => {};
  isClosed = false;

  constructor(readonly url: string) {
    super();
    FakeEventSource.all.push(this);
  }

  close(): void {
    this.isClosed = true;
  }

  say(type: string, data: object = {}): void {
    this.dispatchEvent(new MessageEvent(type, { data: JSON.stringify(data) }));
  }
}

globalThis.EventSource = FakeEventSource as unknown as typeof EventSource;

const clock = new FakeClock();
let heard: string[] = [];
let batches: News[][] = [];

function start(): () => void {
  return listen({
    opened: () => heard.push("opened"),
    lost: () => heard.push("lost"),
    news: batch => batches.push(batch),
  });
}

const latest = () => FakeEventSource.all.at(-1) as FakeEventSource;

beforeEach(() => {
  clock.install();
  heard = [];
  batches = [];
  FakeEventSource.all = [];
});

test("a burst arrives as one batch, typed", () => {
  start();
  latest().say("message.created", { id: 1 });
  latest().say("message.changed", { id: 1, read: true });
  latest().say("message.deleted", { id: 1, inbox: "default" });
  latest().say("inbox.changed", { id: 1 });
  latest().say("messages.pruned", { inbox_id: 1, count: 7 });
  assert.equal(batches.length, 0);
  clock.tick(50);
  assert.deepEqual(batches, [
    [
      { type: "message.created", message: { id: 1 } },
      { type: "message.changed", message: { id: 1, read: true } },
      { type: "message.deleted", id: 1 },
      { type: "inboxes" },
      { type: "messages.pruned", inboxId: 1, count: 7 },
    ],
  ]);
});

for (const type of ["reset", "messages.cleared", "inbox.deleted"]) {
  test(`${type} means that everything is to be read anew`, () => {
    start();
    latest().say("message.created", { id: 1 });
    latest().say(type);
    clock.tick(50);
    assert.deepEqual(heard, ["opened"]);
    assert.deepEqual(batches, []);
  });
}

test("a lost connection is tried again, ever more slowly, and then all is read anew", () => {
  start();
  latest().onopen();
  for (const pause of [250, 500, 1000, 2000, 4000, 4000]) {
    const failed = latest();
    failed.onerror();
    assert.equal(failed.isClosed, true);
    clock.tick(pause - 1);
    assert.equal(latest(), failed);
    clock.tick(1);
    assert.notEqual(latest(), failed);
  }
  latest().onopen();
  assert.deepEqual(heard, ["opened", ...Array(6).fill("lost"), "opened"]);
});

test("nothing is tried again after the end", () => {
  const stop = start();
  latest().onerror();
  stop();
  clock.tick(10_000);
  assert.equal(FakeEventSource.all.length, 1);
});
