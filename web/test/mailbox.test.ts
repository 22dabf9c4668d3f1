import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";
import { navigate, type Route, route } from "../src/route";
import * as mailbox from "../src/state/mailbox";
import { notice } from "../src/state/notice";
import { FakeClock, FakeServer, ids, range, settle } from "./fixtures";

const server = new FakeServer();
server.install();
mailbox.startMailbox();

const shown = () => ids(mailbox.list.value.items.value);
const at = (): Route => route.value;

function place(fields: object): void {
  navigate({
    page: "inbox",
    inbox: "default",
    query: "",
    message: null,
    tab: "preview",
    ...fields,
  });
}

beforeEach(async () => {
  Object.assign(server, { messages: range(1, 3), requests: [], gate: null, failure: null });
  mailbox.deletions.undo();
  mailbox.deletions.hidden.clear();
  notice.value = null;
  place({ inbox: "elsewhere" }); // the next step begins with a new list
  place({});
  await settle();
});

test("opening a message shows what the list knows at once, and marks it read", async () => {
  mailbox.openMessage(2);
  assert.equal(mailbox.opened.value?.details.data?.subject, "Message 2");
  await settle();
  assert.equal(server.messages[1]?.read, true);
  assert.equal(mailbox.list.value.get(2)?.read, true);
});

test("a message marked unread while it is open stays unread", async () => {
  mailbox.openMessage(2);
  await settle();
  await mailbox.markRead([2], false);
  await mailbox.refreshMailbox();
  await settle();
  assert.equal(server.messages[1]?.read, false);
  assert.equal(mailbox.opened.value?.details.data?.read, false);
});

test("a mark that could not be stored is taken back, and said", async () => {
  server.failure = new TypeError("fetch failed");
  await mailbox.markRead([2], true);
  assert.equal(mailbox.list.value.get(2)?.read, false);
  assert.match(notice.value ?? "", /not stored: Mailstop does not answer/);
});

test("a link to a message opens it though the list does not know it", async () => {
  place({ message: 3, tab: "raw" });
  await settle();
  assert.equal(mailbox.opened.value?.details.data?.subject, "Message 3");
  assert.equal(mailbox.tab.value, "raw");
});

test("moving opens the next message only if one is open, and keeps the tab", () => {
  mailbox.step(1);
  assert.equal(mailbox.cursor.value, 3);
  assert.equal(mailbox.openId.value, null);
  mailbox.openMessage(3);
  mailbox.showTab("headers");
  mailbox.step(1);
  mailbox.step(1);
  mailbox.step(1);
  assert.deepEqual(at(), {
    page: "inbox",
    inbox: "default",
    query: "",
    message: 1,
    tab: "headers",
  });
});

test("a deleted message is gone at once, the next one is open, and undo brings it back", async () => {
  place({ message: 2 });
  await settle();
  const message = mailbox.current();
  assert.ok(message);
  mailbox.remove([message]);
  assert.deepEqual(shown(), [3, 1]);
  assert.equal(mailbox.openId.value, 1);

  await mailbox.refreshMailbox();
  assert.deepEqual(shown(), [3, 1]);
  mailbox.deletions.undo();
  assert.deepEqual(shown(), [3, 2, 1]);
  assert.equal(server.requests.filter(request => request.startsWith("DELETE")).length, 0);
});

test("messages deleted one after the other go to the server together, later", async () => {
  const clock = new FakeClock();
  clock.install();
  for (const id of [3, 2]) {
    const message = mailbox.list.value.get(id);
    assert.ok(message);
    mailbox.remove([message]);
    clock.tick(5000);
  }
  assert.equal(server.messages.length, 3);
  clock.tick(1000);
  clock.uninstall();
  await settle();
  assert.deepEqual(ids(server.messages), [1]);
  assert.deepEqual(shown(), [1]);
});

test("a message that could not be deleted comes back, and it is said why", async () => {
  const message = mailbox.list.value.get(2);
  assert.ok(message);
  mailbox.remove([message]);
  server.failure = Response.json({ detail: "The disk is full" }, { status: 507 });
  await mailbox.deletions.commit();
  assert.deepEqual(shown(), [3, 2, 1]);
  assert.match(notice.value ?? "", /The disk is full/);
});

test("deleting what somebody else deleted is no failure", async () => {
  const message = mailbox.list.value.get(2);
  assert.ok(message);
  mailbox.remove([message]);
  server.messages = range(3, 3);
  await mailbox.deletions.commit();
  assert.equal(notice.value, null);
});

test("an open message that is deleted elsewhere says so", async () => {
  place({ message: 2 });
  await settle();
  mailbox.applyNews([{ type: "message.deleted", id: 2 }]);
  assert.equal(mailbox.opened.value?.deleted.value, true);
  assert.deepEqual(shown(), [3, 1]);
});

test("an open message that limits took says so", async () => {
  place({ message: 1 });
  await settle();
  mailbox.applyNews([{ type: "messages.pruned", inboxId: 1, count: 1 }]);
  assert.equal(mailbox.opened.value?.deleted.value, true);
  assert.deepEqual(shown(), [3, 2]);
});

test("emptying the inbox closes what was open", async () => {
  place({ message: 2 });
  await settle();
  await mailbox.clear("default");
  assert.equal(mailbox.openId.value, null);
  assert.deepEqual(shown(), []);
});
