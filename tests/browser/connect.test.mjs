// An empty inbox says how to send mail to it, and what it says works.

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { heading, pageTest, row } from "./mailstop.mjs";

pageTest("an empty inbox says where to connect", {}, async ({ page, server }) => {
  await page.goto("/");
  await heading(page, "Waiting for mail").waitFor();
  const fields = page.locator("dl", { hasText: "Host" });
  await fields.getByText("127.0.0.1", { exact: true }).waitFor();
  await fields.getByText(String(server.smtpPort), { exact: true }).waitFor();
  await page.getByRole("status").getByText("Live").waitFor();
  assert.equal(await page.title(), "default · Mailstop");
});

pageTest("the example for Python works as it stands", {}, async ({ page }) => {
  await page.goto("/");
  await page.getByRole("button", { name: "Python" }).click();
  const example = await page.getByRole("figure").locator("pre").innerText();
  const run = spawnSync("python3", ["-c", example], { encoding: "utf8" });
  assert.equal(run.stderr, "");
  await row(page, "Hello").waitFor();
  assert.equal(await heading(page, "Waiting for mail").count(), 0);
});

const canCopy = { context: { permissions: ["clipboard-read", "clipboard-write"] } };

pageTest("port and example can be copied", canCopy, async ({ page, server }) => {
  const copied = () => page.evaluate(() => navigator.clipboard.readText());
  await page.goto("/");
  await page.getByRole("button", { name: "Copy port" }).click();
  await page.getByRole("button", { name: "Copied" }).waitFor();
  assert.equal(await copied(), String(server.smtpPort));

  await page.getByRole("button", { name: "swaks" }).click();
  await page.getByRole("button", { name: "Copy the example" }).click();
  await page.getByRole("figure").getByRole("button", { name: "Copied" }).waitFor();
  assert.match(await copied(), new RegExp(`swaks --server 127.0.0.1:${server.smtpPort} `));
});

pageTest("a wrong address leads back to the inbox", {}, async ({ page }) => {
  await page.goto("/no/such/place");
  await page.getByRole("link", { name: "Go to the inbox" }).click();
  await heading(page, "Waiting for mail").waitFor();
});

const missing = { allowed: [/404/] };

pageTest("an inbox that is not there is said to be so", missing, async ({ page }) => {
  await page.goto("/inbox/nobody");
  await page.getByRole("alert").getByText("There is no inbox “nobody”").waitFor();
  await page.getByRole("link", { name: "Go to the default inbox" }).click();
  await heading(page, "Waiting for mail").waitFor();
});
