// Inboxes: made, connected to, changed, emptied and deleted by hand.

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { heading, pageTest, row, until, untilServer } from "./mailstop.mjs";

const inboxNames = async server =>
  (await (await server.api("inboxes")).json()).items.map(({ name }) => name).sort();

const json = body => ({
  method: "POST",
  headers: { "Content-Type": "application/json" },
  body: JSON.stringify(body),
});

const inbox = async (server, name) => (await server.api(`inboxes/${name}`)).json();

async function makeInbox(page, name) {
  await page.getByRole("button", { name: "New inbox" }).click();
  const dialog = page.getByRole("dialog", { name: "New inbox" });
  await dialog.getByLabel("Name").fill(name);
  await dialog.getByRole("button", { name: "Create inbox" }).click();
  await heading(page, name).waitFor();
}

pageTest("an inbox is made, and mail sent as its example says comes there", {}, async context => {
  const { page, server } = context;
  await page.goto("/");
  await makeInbox(page, "signup-42");
  assert.equal(new URL(page.url()).pathname, "/inbox/signup-42");
  const { smtp } = await inbox(server, "signup-42");
  const fields = page.locator("dl", { hasText: "Host" });
  await fields.getByText("signup-42", { exact: true }).waitFor();
  await fields.getByText(smtp.password, { exact: true }).waitFor();

  await page.getByRole("button", { name: "Python" }).click();
  const example = await page.getByRole("figure").locator("pre").innerText();
  const run = spawnSync("python3", ["-c", example], { encoding: "utf8" });
  assert.equal(run.stderr, "");
  await row(page, "Hello").waitFor();

  await page.getByRole("button", { name: "How to connect" }).click();
  const dialog = page.getByRole("dialog", { name: "Send mail to “signup-42”" });
  await dialog.getByRole("button", { name: "Copy password" }).waitFor();
  await page.keyboard.press("Escape");
  await dialog.waitFor({ state: "hidden" });
});

const conflict = { allowed: [/400|409/] };

pageTest("what is wrong with an inbox is said in the form", conflict, async ({ page, server }) => {
  await page.goto("/");
  await page.getByRole("button", { name: "New inbox" }).click();
  const dialog = page.getByRole("dialog", { name: "New inbox" });
  for (const name of ["default", "no spaces please"]) {
    await dialog.getByLabel("Name").fill(name);
    await dialog.getByRole("button", { name: "Create inbox" }).click();
    await dialog.locator(".form-fault, .form-error").waitFor();
  }
  await dialog.getByLabel("Name").fill("");
  await dialog.getByLabel("Expires").selectOption("In an hour");
  await dialog.getByRole("button", { name: "Create inbox" }).click();
  await dialog.waitFor({ state: "hidden" });
  const made = (await inboxNames(server)).find(name => name !== "default");
  assert.ok((await inbox(server, made)).expires_at);
});

// News may come before the answer: then the page asks for an inbox by a name that it has no more.
const missing = { allowed: [/404/] };

pageTest("an inbox can be changed, and its credentials renewed", missing, async context => {
  const { page, server } = context;
  await page.goto("/");
  await makeInbox(page, "staging");
  const before = await inbox(server, "staging");
  await page.getByRole("button", { name: "Inbox settings" }).click();
  const dialog = page.getByRole("dialog", { name: "Inbox “staging”" });
  await dialog.getByText(before.api_token).waitFor();
  await dialog.getByRole("button", { name: "Renew password and token…" }).click();
  await dialog.getByRole("button", { name: "Renew now" }).click();
  await dialog.getByText(before.api_token).waitFor({ state: "detached" });
  const after = await inbox(server, "staging");
  assert.notEqual(after.smtp.password, before.smtp.password);
  await dialog.getByText(after.smtp.password).waitFor();

  await dialog.getByRole("textbox", { name: "Name" }).fill("shop");
  await dialog.getByLabel("Mail to these addresses comes here too").fill("*@shop.test\n*@b.test");
  await dialog.getByLabel("Keep at most").fill("2");
  await dialog.getByRole("button", { name: "Save" }).click();
  await heading(page, "shop").waitFor();
  assert.equal(new URL(page.url()).pathname, "/inbox/shop");
  assert.deepEqual((await inbox(server, "shop")).recipients, ["*@shop.test", "*@b.test"]);
  await server.send({ subject: "By pattern", text: "x" });
  await row(page, "By pattern").waitFor();
  assert.equal((await inbox(server, "shop")).limits.max_messages, 2);
});

pageTest("all inboxes are seen as one", {}, async ({ page, server }) => {
  await page.goto("/");
  const places = page.getByRole("navigation", { name: "Inboxes" });
  await places.getByRole("link", { name: "default" }).waitFor();
  assert.equal(await places.getByRole("link", { name: "All inboxes" }).count(), 0);
  await server.api("inboxes", json({ name: "shop", recipients: ["*@shop.test"] }));
  await places.getByRole("link", { name: "All inboxes" }).click();
  await page.getByText("0 messages").waitFor();
  await server.send(
    { subject: "Of nobody", to: "ann@b.test", text: "x" },
    { subject: "Of the shop", to: "ann@shop.test", text: "x" },
  );
  await row(page, /Of the shop.*shop/s).waitFor();
  await page.getByText("2 messages · 2 unread").waitFor();
  await until(page, () => document.title === "(2) All inboxes · Mailstop");
  await row(page, /Of nobody.*default/s).click();
  await heading(page, "Of nobody").waitFor();
  assert.equal(new URL(page.url()).pathname, "/all/message/1");
  await page.reload();
  await heading(page, "Of nobody").waitFor();
  await page.keyboard.press("j");
  await page.keyboard.press("#");
  await page.getByRole("button", { name: "Undo" }).click();
  await row(page, "Of nobody").waitFor();
  await page.getByRole("button", { name: "Delete all messages" }).click();
  const question = page.getByRole("dialog", { name: "Delete everything in all inboxes?" });
  await question.getByRole("button", { name: "Delete all" }).click();
  await heading(page, "Waiting for mail").waitFor();
  await page.getByRole("button", { name: "Send a test message" }).click();
  await row(page, /It works.*default/s).waitFor();
  await page.keyboard.press("i"); // of no inbox are there settings here
  await page.keyboard.press("g");
  await page.keyboard.press("i");
  await heading(page, "default").waitFor();
});

pageTest("an inbox is deleted after a question", missing, async ({ page, server }) => {
  await page.goto("/");
  await makeInbox(page, "signup-42");
  await page.getByRole("button", { name: "Inbox settings" }).click();
  await page.getByRole("button", { name: "The inbox…" }).click();
  const question = page.getByRole("dialog", { name: "Delete the inbox “signup-42”?" });
  await question.getByRole("button", { name: "Delete inbox" }).click();
  await heading(page, "default").waitFor();
  await untilServer(() => inboxNames(server), ["default"]);
  assert.equal(await page.getByRole("link", { name: "signup-42" }).count(), 0);
});

pageTest("an inbox that is made or deleted elsewhere is noticed", missing, async context => {
  const { page, server } = context;
  await page.goto("/");
  await page.getByRole("status").getByText("Live").waitFor();
  await server.api("inboxes", json({ name: "elsewhere" }));
  await page.getByRole("link", { name: "elsewhere" }).click();
  await heading(page, "elsewhere").waitFor();
  await server.api("inboxes/elsewhere", { method: "DELETE" });
  await page.getByRole("alert").getByText("There is no inbox “elsewhere”").waitFor();
  await page.getByRole("link", { name: "Go to the default inbox" }).click();
  await heading(page, "Waiting for mail").waitFor();
});
