// Deleting is quick, can be undone, and is told to whoever else is looking.

import assert from "node:assert/strict";
import { heading, pageTest, row, subjects, untilServer } from "./mailstop.mjs";

const three = ["One", "Two", "Three"].map(subject => ({ subject, text: subject }));

pageTest("a deleted message is gone at once and comes back by undo", {}, async ({ page, server }) => {
  await server.send(...three);
  await page.goto("/");
  await row(page, "Two").click();
  await page.getByRole("button", { name: "Delete", exact: true }).click();
  await page.getByRole("status").getByText("Deleted “Two”").waitFor();
  await heading(page, "One").waitFor();
  assert.deepEqual(await subjects(page), ["Three", "One"]);

  await page.getByRole("button", { name: "Undo" }).click();
  await row(page, "Two").waitFor();
  assert.deepEqual(await server.subjects(), ["Three", "Two", "One"]);
});

pageTest("a deleted message is deleted on the server when it is not undone", {}, async context => {
  const { page, server } = context;
  await server.send(...three);
  await page.goto("/");
  await row(page, "Two").click();
  await page.getByRole("button", { name: "Delete", exact: true }).click();
  await page.getByRole("button", { name: "Delete now" }).click();
  await untilServer(() => server.subjects(), ["Three", "One"]);
  await page.reload();
  await row(page, "Three").waitFor();
  assert.deepEqual(await subjects(page), ["Three", "One"]);
});

pageTest("leaving the page does not forget to delete", {}, async ({ page, server }) => {
  await server.send(...three);
  await page.goto("/");
  await row(page, "Two").click();
  await page.getByRole("button", { name: "Delete", exact: true }).click();
  await page.goto("about:blank");
  await untilServer(() => server.subjects(), ["Three", "One"]);
});

pageTest("everything is deleted after a question", {}, async ({ page, server }) => {
  await server.send(...three);
  await page.goto("/");
  await page.getByRole("button", { name: "Delete all messages" }).click();
  const question = page.getByRole("dialog", { name: "Delete everything in “default”?" });
  await question.getByText("3 messages will be deleted").waitFor();
  await question.getByRole("button", { name: "Cancel" }).click();
  await question.waitFor({ state: "hidden" });
  assert.equal((await server.subjects()).length, 3);

  await page.getByRole("button", { name: "Delete all messages" }).click();
  await question.getByRole("button", { name: "Delete all" }).click();
  await heading(page, "Waiting for mail").waitFor();
  assert.deepEqual(await server.subjects(), []);
});

const missing = { allowed: [/404/] };

pageTest("a message deleted elsewhere says so, and the way leads back", missing, async context => {
  const { page, server } = context;
  await server.send(...three);
  await page.goto("/inbox/default/message/2");
  await heading(page, "Two").waitFor();
  await page.getByRole("status").getByText("Live").waitFor();
  await server.api("messages/2", { method: "DELETE" });
  await page.getByRole("alert").getByText("This message was deleted").waitFor();
  await page.getByRole("button", { name: "Back to the inbox" }).click();
  await row(page, "Three").waitFor();
  assert.deepEqual(await subjects(page), ["Three", "One"]);

  await page.goto("/inbox/default/message/2");
  await page.getByRole("alert").getByText("This message was deleted").waitFor();
});

pageTest("two windows agree", {}, async ({ page, server, session }) => {
  await server.send(...three);
  const other = await session.newPage();
  for (const window of [page, other]) {
    await window.goto("/");
    await row(window, "Unread: Two").waitFor();
    await window.getByRole("status").getByText("Live").waitFor();
  }
  await row(page, "Two").click();
  await row(other, /^Two/).waitFor();
  await page.getByRole("button", { name: "Delete", exact: true }).click();
  await page.getByRole("button", { name: "Delete now" }).click();
  await row(other, "Two").waitFor({ state: "detached" });
});
