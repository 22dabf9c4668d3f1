// Many messages at once, by hand and by keys; and everything by its name.

import assert from "node:assert/strict";
import { heading, pageTest, row, subjects, untilServer } from "./mailstop.mjs";

const five = ["One", "Two", "Three", "Four", "Five"].map(subject => ({ subject, text: subject }));

const check = (page, subject) => page.getByRole("checkbox", { name: `Select ${subject}` });

/** Rows whose box has a tick, from the top. */
const checked = page =>
  page.locator(".rows li:has(input:checked) .row-subject").allInnerTexts();

pageTest("messages are picked with the mouse and deleted together", {}, async ({ page, server }) => {
  await server.send(...five);
  await page.goto("/");
  await row(page, "Five").hover();
  await check(page, "Five").click();
  await page.getByText("1 selected").waitFor();
  await check(page, "Three").click({ modifiers: ["Shift"] });
  await page.getByText("3 selected").waitFor();
  assert.deepEqual(await checked(page), ["Five", "Four", "Three"]);
  await check(page, "Four").click();
  await page.getByText("2 selected").waitFor();
  assert.deepEqual(await checked(page), ["Five", "Three"]);

  await page.getByRole("button", { name: "Delete selected" }).click();
  await page.getByRole("status").getByText("Deleted 2 messages").waitFor();
  assert.deepEqual(await subjects(page), ["Four", "Two", "One"]);
  await page.getByRole("button", { name: "Undo" }).click();
  await row(page, "Three").waitFor();
  assert.deepEqual(await subjects(page), ["Five", "Four", "Three", "Two", "One"]);
});

const marks = async server =>
  (await (await server.api("inboxes/default/messages")).json()).items.map(
    ({ read, pinned }) => `${read ? "read" : "unread"}${pinned ? " pinned" : ""}`,
  );

const many = Array.from({ length: 230 }, (_, index) => ({ subject: `Order ${index}`, text: "x" }));

pageTest("all that match are picked, also those not loaded, and deleted with undo", {}, async context => {
  const { page, server } = context;
  await server.send({ subject: "Keep me", text: "x" }, ...many);
  await page.goto("/?query=order");
  await page.getByText("230 matches").waitFor();
  await row(page, "Order 229").hover();
  await check(page, "Order 229").click();
  await page.getByRole("button", { name: "All 230 that match" }).click();
  await page.getByText("230 selected").waitFor();
  await page.getByRole("button", { name: "Delete selected" }).click();
  await page.getByText("No message matches").waitFor();
  await page.getByRole("status").getByText("Deleted 230 messages").waitFor();
  await page.getByRole("button", { name: "Undo" }).click();
  await row(page, "Order 229").waitFor();
  await page.getByText("230 matches").waitFor();

  await page.keyboard.press("A");
  await page.getByText("230 selected").waitFor();
  await page.keyboard.press("#");
  await page.getByRole("button", { name: "Delete now" }).click();
  await untilServer(() => server.subjects(), ["Keep me"]);
});

pageTest("messages are picked by keys, and marked together", {}, async ({ page, server }) => {
  await server.send(...five);
  await page.goto("/");
  await row(page, "Five").waitFor();
  for (const key of ["j", "x", "J", "p"]) await page.keyboard.press(key);
  await page.getByText("2 selected").waitFor();
  await untilServer(() => marks(server), [
    "unread pinned", "unread pinned", "unread", "unread", "unread",
  ]);
  await page.keyboard.press("A");
  await page.getByText("5 selected").waitFor();
  await page.keyboard.press("u");
  await untilServer(() => marks(server), ["read pinned", "read pinned", "read", "read", "read"]);
  await page.keyboard.press("Escape");
  await page.getByText("5 selected").waitFor({ state: "detached" });
  await row(page, /Five.*pinned/s).waitFor();
});

pageTest("the palette finds inboxes, commands and messages", {}, async ({ page, server }) => {
  await server.send(...five);
  await page.goto("/");
  await row(page, "Five").waitFor();
  const palette = page.getByRole("dialog", { name: "Find anything" });
  const find = async text => {
    await page.keyboard.press("Control+k");
    await palette.waitFor();
    await page.keyboard.type(text);
    await page.keyboard.press("Enter");
    await palette.waitFor({ state: "hidden" });
  };

  await find("two");
  await heading(page, "Two").waitFor();
  await find("go to sess");
  await heading(page, "Sessions").waitFor();
  await find("default");
  await heading(page, "default").waitFor();
  await find("new inbox");
  const dialog = page.getByRole("dialog", { name: "New inbox" });
  await dialog.waitFor();
  // The element tells of its end in its own time: here never, and no key after it is lost.
  await page.evaluate(() => addEventListener("close", event => event.stopPropagation(), true));
  await page.keyboard.press("Escape");
  await page.keyboard.press("g");
  await page.keyboard.press("s");
  await heading(page, "Sessions").waitFor();
  await page.keyboard.press("g");
  await page.keyboard.press("i");
  await heading(page, "default").waitFor();
});

pageTest("messages are tagged, and found by their tag", {}, async ({ page, server }) => {
  await server.send(...five);
  await page.goto("/");
  await row(page, "Five").waitFor();
  for (const key of ["j", "x", "J", "t"]) await page.keyboard.press(key);
  const dialog = page.getByRole("dialog", { name: "Tags of 2 messages" });
  await dialog.getByLabel("Tags", { exact: true }).fill("seen, by qa");
  await dialog.getByRole("button", { name: "Save" }).click();
  await dialog.waitFor({ state: "hidden" });
  await row(page, /Five.*seen/s).waitFor();
  await page.goto("/?query=tag:seen");
  await page.getByText("2 matches", { exact: true }).waitFor();
  assert.deepEqual(await subjects(page), ["Five", "Four"]);
});
