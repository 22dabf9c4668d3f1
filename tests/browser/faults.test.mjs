// Faults: a plan is made by hand, does what it says, counts what it did, and is taken away.

import assert from "node:assert/strict";
import { heading, pageTest, row } from "./mailstop.mjs";

const rules = page => page.getByRole("list", { name: "Rules" }).getByRole("listitem");

const plan = async (server, of = "") => (await server.api(`${of}faults`)).json();

pageTest("a rule refuses mail, and its hits are counted", {}, async ({ page, server }) => {
  await page.goto("/");
  await page.getByRole("link", { name: "Faults" }).click();
  await page.getByText("every session goes as it should").waitFor();
  await page.getByRole("status").getByText("Live").waitFor();
  await page.getByRole("button", { name: "Add a rule" }).click();
  const dialog = page.getByRole("dialog", { name: "New rule" });
  await dialog.getByLabel("Reply code").fill("550");
  await dialog.getByLabel("Reply text").fill("No such user");
  await dialog.getByLabel("Only to").fill("nobody@*");
  await dialog.getByLabel("How many times").fill("");
  await dialog.getByRole("button", { name: "Save" }).click();
  await rules(page).filter({ hasText: "nobody@*" }).filter({ hasText: "550" }).waitFor();

  await assert.rejects(server.send({ to: "nobody@b.test", text: "x" }), /550.*No such user/);
  await rules(page).getByText("1 hit").waitFor();
  await server.send({ subject: "Somebody", text: "x" });
  await page.getByRole("link", { name: /^default/ }).click();
  await row(page, "Somebody").waitFor();
});

pageTest("rules are changed, moved and deleted", {}, async ({ page, server }) => {
  await page.goto("/faults");
  await page.getByRole("button", { name: "Flaky fails now and then" }).click();
  await rules(page).first().waitFor();
  const before = (await plan(server)).rules.map(({ hits, ...rule }) => rule);
  await page.getByRole("button", { name: "Move rule 2 up" }).click();
  await rules(page).first().getByText("At RCPT").waitFor();
  await page.getByRole("button", { name: "Delete rule 4" }).click();
  await rules(page).nth(3).waitFor({ state: "detached" });
  await rules(page).first().getByRole("button").first().click();
  const dialog = page.getByRole("dialog", { name: "Rule 1" });
  await dialog.getByLabel("Probability, in percent").fill("100");
  await dialog.getByRole("button", { name: "Save" }).click();
  await dialog.waitFor({ state: "hidden" });
  const after = (await plan(server)).rules.map(({ hits, ...rule }) => rule);
  assert.deepEqual(after, [{ ...before[1], probability: 1 }, before[0], before[2]]);

  await page.getByRole("button", { name: "Bounce" }).click();
  await rules(page).getByText("550 5.1.1").waitFor();
  await assert.rejects(server.send({ text: "x" }), /550 5\.1\.1/);
  await page.getByRole("button", { name: "Cut off" }).click();
  await rules(page).getByText("Cut the connection").waitFor();
  await assert.rejects(server.send({ text: "x" }), /closed|ECONNRESET|EPIPE/i);
  assert.deepEqual(await server.subjects(), []);

  await page.getByRole("button", { name: "Remove the plan" }).click();
  await page.getByText("every session goes as it should").waitFor();
  assert.equal((await plan(server)).in_force, false);
});

const bad = { allowed: [/400/] };

pageTest("an inbox has a plan of its own; what is wrong with it is said", bad, async context => {
  const { page, server } = context;
  await page.goto("/faults");
  await heading(page, "Faults").waitFor();
  await page.getByLabel("Whose plan").selectOption("default");
  assert.equal(new URL(page.url()).pathname, "/faults/default");
  await page.getByText("every session goes as it should").waitFor();
  await page.getByRole("button", { name: "Edit as JSON" }).click();
  const dialog = page.getByRole("dialog", { name: "The plan as JSON" });
  for (const [text, wrong] of [
    ["{", /This is no JSON/],
    ['{"rules": [{"stage": "rcpt", "reply": {"code": 250}}]}', /must be a refusal/],
  ]) {
    await dialog.getByLabel("Plan").fill(text);
    await dialog.getByRole("button", { name: "Save" }).click();
    await dialog.getByRole("alert").getByText(wrong).waitFor();
  }
  await dialog.getByLabel("Plan").fill('{"seed": 7, "rules": [{"stage": "data_end", "stall": true}]}');
  await dialog.getByRole("button", { name: "Save" }).click();
  await rules(page).getByText("answer no more").waitFor();
  const own = await plan(server, "inboxes/default/");
  assert.equal(own.seed, 7);
  assert.equal((await plan(server)).in_force, false);
});
