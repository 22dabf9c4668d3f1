import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";
import { MessageList } from "../src/state/messages";
import { FakeClock, FakeServer, ids, message, range, settle } from "./fixtures";

const server = new FakeServer();
server.install();

beforeEach(() => {
  Object.assign(server, { messages: [], requests: [], gate: null, failure: null });
});

async function loaded(hidden = new Set<number>()): Promise<MessageList> {
  const list = new MessageList("default", hidden);
  await list.refresh();
  return list;
}

test("an empty inbox is known to be empty only once it was read", async () => {
  const list = new MessageList("default");
  assert.equal(list.isEmpty.value, false);
  await list.refresh();
  assert.equal(list.isEmpty.value, true);
});

test("older messages are read, page by page, when somebody scrolls there", async () => {
  server.messages = range(1, 1000);
  const list = await loaded();
  assert.equal(list.items.value.length, 200);
  assert.equal(list.rows.value, 1000);

  list.want(150);
  await settle();
  assert.equal(list.items.value.length, 400);

  list.want(999);
  await settle();
  assert.deepEqual(ids(list.items.value), ids(range(1, 1000)));
  assert.equal(list.complete.value, true);
  assert.ok(server.requests.includes("GET inboxes/default/messages?limit=500&before=601"));
});

test("new messages come first, whatever order they are told in, and once", async () => {
  server.messages = range(1, 3);
  const list = await loaded();
  const created = [message(5), message(4), message(5), message(3)];
  list.apply(created.map(message => ({ type: "message.created", message })));
  list.apply([{ type: "message.created", message: message(5) }]);
  assert.deepEqual(ids(list.items.value), [5, 4, 3, 2, 1]);
  assert.equal(list.total.value, 5);
});

test("messages of other inboxes are left out", async () => {
  const list = await loaded();
  const other = message(1, { inbox: "other", inbox_id: 2 });
  list.apply([{ type: "message.created", message: other }]);
  assert.deepEqual(ids(list.items.value), []);
});

test("an inbox may be named in any case, or by its id", () => {
  assert.equal(new MessageList("DEFAULT").holds(message(1)), true);
  assert.equal(new MessageList("1").holds(message(1)), true);
  assert.equal(new MessageList("2").holds(message(1)), false);
});

test("changes and deletions apply to what is loaded, and to nothing else", async () => {
  server.messages = range(1, 3);
  const list = await loaded();
  list.apply([
    { type: "message.changed", message: { id: 2, read: true } },
    { type: "message.changed", message: { id: 9, read: true } },
    { type: "message.deleted", id: 1 },
    { type: "message.deleted", id: 8 },
  ]);
  assert.deepEqual(ids(list.items.value), [3, 2]);
  assert.equal(list.get(2)?.read, true);
  assert.equal(list.total.value, 2);
});

test("news that comes while the list is read is kept", async () => {
  server.messages = range(1, 3);
  const list = await loaded();
  let open = () => {};
  server.gate = new Promise(resolve => {
    open = resolve;
  });
  const reading = list.refresh();
  list.apply([
    { type: "message.created", message: message(4) },
    { type: "message.deleted", id: 2 },
  ]);
  open();
  await reading;
  assert.deepEqual(ids(list.items.value), [4, 3, 1]);
});

test("reading anew forgets what is gone and finds what was missed", async () => {
  server.messages = range(1, 3);
  const list = await loaded();
  server.messages = [message(5), message(1)];
  await list.refresh();
  assert.deepEqual(ids(list.items.value), [5, 1]);
  server.messages = [];
  await list.refresh();
  assert.deepEqual(ids(list.items.value), []);
});

test("what is hidden stays out until it is put back", async () => {
  server.messages = range(1, 3);
  const hidden = new Set([2]);
  const list = await loaded(hidden);
  assert.deepEqual(ids(list.items.value), [3, 1]);
  hidden.clear();
  list.putBack([message(2)]);
  assert.deepEqual(ids(list.items.value), [3, 2, 1]);
});

test("a failure is told, keeps what was there, and heals", async () => {
  server.messages = range(1, 3);
  const list = await loaded();
  server.failure = new TypeError("fetch failed");
  await list.refresh();
  assert.equal(list.error.value?.status, 0);
  assert.deepEqual(ids(list.items.value), [3, 2, 1]);
  assert.equal(list.isEmpty.value, false);

  server.failure = null;
  await list.refresh();
  assert.equal(list.error.value, null);
});

test("a search shows what the server finds, page by page, and what was there until then", async () => {
  server.messages = [...range(2, 900), message(1, { subject: "Your order" })];
  const list = await loaded();
  list.setQuery("order");
  assert.equal(list.items.value.length, 200);
  await settle();
  assert.deepEqual(ids(list.items.value), [1]);
  assert.equal(list.rows.value, 1);
  list.setQuery("Message");
  await settle();
  assert.equal(list.rows.value, 899);
  list.want(899);
  await settle();
  assert.equal(list.items.value.length, 899);
  list.setQuery("");
  await settle();
  assert.equal(list.rows.value, 900);
});

test("a search that finds nothing does not make an inbox empty", async () => {
  server.messages = range(1, 3);
  const list = await loaded();
  list.setQuery("nothing like it");
  await settle();
  assert.equal(list.findsNothing, true);
  assert.equal(list.isEmpty.value, false);
});

test("news makes a search look again, and is not taken for a match", async () => {
  server.messages = [message(1, { subject: "Your order" })];
  const list = await loaded();
  list.setQuery("order");
  await settle();
  const clock = new FakeClock();
  clock.install();
  const created = [message(3), message(2, { subject: "Another order" })];
  server.messages = [...created, ...server.messages];
  list.apply(created.map(message => ({ type: "message.created", message })));
  assert.deepEqual(ids(list.items.value), [1]);
  clock.tick(250);
  clock.uninstall();
  await settle();
  assert.deepEqual(ids(list.items.value), [2, 1]);
});

test("a query that cannot be read is explained, and what was there stays", async () => {
  server.messages = range(1, 3);
  const list = await loaded();
  list.setQuery("(");
  await settle();
  assert.equal(list.queryError.value?.fields[0]?.position, 0);
  assert.deepEqual(ids(list.items.value), [3, 2, 1]);
  list.setQuery("Message");
  await settle();
  assert.equal(list.queryError.value, null);
});

test("a list that grows all day forgets its oldest, and can read them again", async () => {
  server.messages = range(1, 5000);
  const list = await loaded();
  const created = range(5001, 9000);
  list.apply(created.map(message => ({ type: "message.created", message })));
  server.messages = range(1, 9000);
  assert.equal(list.items.value.length, 1000);
  assert.equal(list.rows.value, 9000);

  list.want(1500);
  await settle();
  assert.deepEqual(ids(list.items.value.slice(0, 1500)), ids(range(7501, 9000)));
});

const pruned = (count: number, inboxId = 1) =>
  ({ type: "messages.pruned", inboxId, count }) as const;

test("what limits took is gone from the end, save what is pinned", async () => {
  server.messages = [...range(3, 5), message(2), message(1, { pinned: true })];
  const list = await loaded();
  assert.deepEqual([...list.apply([pruned(4, 2)])], []);
  assert.deepEqual([...list.apply([pruned(2)])], [3, 2]);
  assert.deepEqual(ids(list.items.value), [5, 4, 1]);
  assert.equal(list.rows.value, 3);
  list.apply([{ type: "message.created", message: message(6) }, pruned(1), pruned(9)]);
  assert.deepEqual(ids(list.items.value), [1]);
});

test("limits take first what is not loaded", async () => {
  server.messages = range(1, 1000);
  const list = await loaded();
  list.apply([pruned(700)]);
  assert.equal(list.rows.value, 300);
  assert.equal(list.items.value.length, 200);
  assert.deepEqual([...list.apply([pruned(101)])], [801]);
});

test("when limits take something, a search looks again", async () => {
  server.messages = range(1, 3);
  const list = await loaded();
  list.setQuery("Message");
  await settle();
  const clock = new FakeClock();
  clock.install();
  server.messages = range(3, 3);
  list.apply([pruned(2)]);
  clock.tick(250);
  clock.uninstall();
  await settle();
  assert.deepEqual(ids(list.items.value), [3]);
});
