import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";
import { commandFor, commands, firstKeys } from "../src/commands";
import { navigate } from "../src/route";
import * as mailbox from "../src/state/mailbox";
import { findAll, rank } from "../src/state/palette";
import * as selection from "../src/state/selection";
import { FakeServer, ids, message, range, settle } from "./fixtures";

const server = new FakeServer();
server.install();
mailbox.startMailbox();
selection.startSelection();

const inbox = { page: "inbox", query: "", message: null, tab: "preview" } as const;
const picked = () => ids(selection.selected.value);

beforeEach(async () => {
  Object.assign(server, { messages: range(1, 6), requests: [], gate: null, failure: null });
  mailbox.deletions.undo();
  mailbox.deletions.hidden.clear();
  navigate({ ...inbox, inbox: "elsewhere" }); // the next step begins with a new list
  navigate({ ...inbox, inbox: "default" });
  await settle();
});

test("messages are picked one by one, up to another one, and all of them", () => {
  selection.toggle(5);
  selection.selectTo(3);
  assert.deepEqual(picked(), [5, 4, 3]);
  selection.toggle(4);
  assert.deepEqual(picked(), [5, 3]);
  selection.selectTo(6);
  assert.deepEqual(picked(), [6, 5, 4, 3]);
  selection.selectAll();
  assert.equal(picked().length, 6);
  selection.selectNone();
  assert.deepEqual(picked(), []);
});

test("moving with shift picks what is passed", () => {
  mailbox.step(1);
  selection.extend(1);
  selection.extend(1);
  assert.deepEqual(picked(), [6, 5, 4]);
});

test("what is deleted elsewhere is picked no longer, and a search picks nothing", async () => {
  selection.selectAll();
  mailbox.applyNews([{ type: "message.deleted", id: 4 }]);
  assert.deepEqual(picked(), [6, 5, 3, 2, 1]);
  mailbox.setQuery("Message");
  await settle();
  assert.deepEqual(picked(), []);
});

test("what is picked is deleted together, and undone together", async () => {
  selection.toggle(5);
  selection.toggle(2);
  selection.removeSelected();
  assert.deepEqual(ids(mailbox.list.value.items.value), [6, 4, 3, 1]);
  assert.equal(mailbox.cursor.value, 4);
  mailbox.deletions.undo();
  assert.deepEqual(ids(mailbox.list.value.items.value), [6, 5, 4, 3, 2, 1]);
});

test("what is picked is marked together: read if any is unread", async () => {
  Object.assign(server.messages[0] as object, { read: true });
  await mailbox.refreshMailbox();
  selection.selectAll();
  selection.toggleRead();
  selection.togglePinned();
  await settle();
  assert.ok(server.messages.every(({ read, pinned }) => read && pinned));
  selection.toggleRead();
  await settle();
  assert.ok(server.messages.every(({ read }) => !read));
});

const many = async (query: string) => {
  server.messages = [message(1001, { subject: "Other" }), ...range(1, 1000)];
  navigate({ ...inbox, inbox: "elsewhere" });
  navigate({ ...inbox, inbox: "default", query });
  await settle();
  selection.selectAll();
};

test("all that match are picked, loaded or not, and deleted with undo", async () => {
  await many("Message");
  assert.equal(selection.selectedCount.value, 1000);
  selection.removeSelected();
  assert.deepEqual(ids(mailbox.list.value.items.value), []);
  await mailbox.refreshMailbox();
  assert.deepEqual(ids(mailbox.list.value.items.value), [], "it stays out of sight");
  mailbox.deletions.undo();
  await settle();
  assert.equal(mailbox.list.value.count.value, 1000);
  assert.equal(server.messages.length, 1001);

  selection.selectAll();
  selection.removeSelected();
  server.messages.unshift(message(1002)); // came later, and matches too
  await mailbox.deletions.commit();
  await settle();
  assert.deepEqual(ids(server.messages), [1002, 1001]);
  assert.deepEqual(ids(mailbox.list.value.items.value), [1002]);
});

test("what could not be deleted comes back, all of it", async () => {
  await many("");
  selection.removeSelected();
  server.failure = Response.json({ detail: "The disk is full" }, { status: 507 });
  const deleted = mailbox.deletions.commit();
  await settle();
  server.failure = null;
  await deleted;
  await mailbox.refreshMailbox();
  assert.equal(mailbox.list.value.count.value, 1001);
});

test("another search does not undo, and does not forget to delete", async () => {
  await many("Message");
  selection.removeSelected();
  mailbox.setQuery("Other");
  await settle();
  assert.equal(mailbox.deletions.pendingWhole.value, null);
  assert.deepEqual(ids(server.messages), [1001]);
  assert.deepEqual(ids(mailbox.list.value.items.value), [1001]);
});

test("all that match are marked at once", async () => {
  await many("Message");
  selection.toggleRead();
  await settle();
  assert.equal(server.messages.filter(({ read }) => read).length, 1000);
  assert.ok(mailbox.list.value.items.value.every(({ read }) => read));
  selection.toggle(999); // one less: those that are loaded stay picked
  assert.equal(selection.selectedCount.value, 199);
});

test("no key means two things at one place", () => {
  const places = [{ ...inbox, inbox: "default", message: 3 }, inbox];
  for (const place of places) {
    navigate({ ...place, inbox: "default" });
    const keys = commands.filter(({ applies }) => applies?.() ?? true).flatMap(({ keys }) => keys);
    assert.equal(new Set(keys).size, keys.length);
    assert.ok(!keys.some(key => firstKeys.has(key)));
  }
});

test("keys of messages do nothing among sessions", () => {
  navigate({ page: "sessions", inbox: "", failed: false, query: "", session: null });
  assert.equal(commandFor("#"), undefined);
  assert.equal(commandFor("j")?.name, "next");
  assert.equal(commandFor("1"), undefined);
});

test("the palette finds commands and messages, the nearest first", () => {
  assert.equal(rank("Go to sessions", ["go", "ses"]), 6);
  assert.equal(rank("Go to sessions", ["x"]), null);
  const titles = findAll("sess").map(({ title }) => title);
  assert.deepEqual(titles, ["Go to sessions", "Search for sess"]);
  assert.equal(findAll("message 3")[0]?.title, "Message 3");
});
