// Sessions: every one is in the table, the failed ones are found at once, and each tells its story.

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { heading, pageTest, row, talk, until, untilServer } from "./mailstop.mjs";

const delivery = [
  "EHLO app.test",
  "MAIL FROM:<app@shop.test>",
  "RCPT TO:<ann@b.test>",
  "DATA",
  "Subject: Hello\r\n\r\nx\r\n.",
  "QUIT",
];

const table = page => page.getByRole("table", { name: "Sessions" });

pageTest("a failed session is found, and what was said in it", {}, async ({ page, server }) => {
  await talk(server, ...delivery);
  await talk(server, "EHLO broken.test", "MAIL FROM:<a@b.test>", "RCPT TO:<nobody>");
  await page.goto("/");
  await page.getByRole("link", { name: /^Sessions/ }).click();
  await table(page).getByRole("row", { name: /Delivered/ }).waitFor();
  await table(page).getByRole("row", { name: /553 at RCPT.*broken.test/ }).waitFor();

  await page.getByRole("button", { name: "Failed" }).click();
  await table(page).getByRole("row", { name: /Delivered/ }).waitFor({ state: "detached" });
  assert.equal(new URL(page.url()).search, "?failed=true");
  await page.getByRole("link", { name: "Session 2" }).click();
  await heading(page, "Session 2").waitFor();
  const said = page.getByRole("table", { name: "What was said" });
  await said.getByRole("row", { name: /Client RCPT TO:<nobody>/ }).waitFor();
  await said.getByRole("row", { name: /Server 553/ }).waitFor();
  assert.equal(new URL(page.url()).pathname, "/sessions/2");

  await page.goBack();
  await heading(page, "Session 2").waitFor({ state: "detached" });
  await page.getByRole("button", { name: "All" }).click();
  await table(page).getByRole("row", { name: /Delivered/ }).waitFor();
});

pageTest("what was refused is counted, named and found, however it ended", {}, async context => {
  const { page, server } = context;
  await talk(server, "EHLO shop.test", "MAIL FROM:<a@b.test>", "RCPT TO:<nobody>", "QUIT");
  await talk(server, ...delivery);
  await page.goto("/");
  await row(page, "Hello").waitFor();
  const places = page.getByRole("navigation", { name: "Inboxes" });
  await places.getByRole("link", { name: "Sessions 1 failed" }).waitFor();
  await talk(server, "EHLO shop.test", "DATA", "QUIT");
  await places.getByRole("link", { name: "Sessions 2 failed" }).click();
  await table(page).getByRole("row", { name: /503 at DATA/ }).waitFor();
  await table(page).getByRole("row", { name: /553 at RCPT/ }).waitFor();
  await places.getByRole("link", { name: "Sessions", exact: true }).waitFor(); // they were seen
  await page.getByRole("button", { name: "Failed" }).click();
  await table(page).getByRole("row", { name: /Delivered/ }).waitFor({ state: "detached" });
  await until(page, () => document.querySelectorAll(".sessions a").length === 2);
  await table(page).getByRole("link", { name: /553 at RCPT/ }).click();
  await page.getByText("First refusal").waitFor();
  await page.reload();
  await heading(page, "Session 1").waitFor();
  await places.getByRole("link", { name: "Sessions", exact: true }).waitFor();
});

pageTest("a session leads to its message", {}, async ({ page, server }) => {
  await server.send({ subject: "Hello", text: "x" });
  await untilServer(async () => (await server.api("sessions/1")).status, 200);
  await page.goto("/sessions/1");
  await page.getByRole("link", { name: /of a message/ }).click();
  await heading(page, "Hello").waitFor();
});

pageTest("sessions can be searched by what was said", {}, async ({ page, server }) => {
  await server.send({ subject: "Hello", text: "x" });
  await talk(server, "EHLO broken.test");
  await page.goto("/sessions");
  await page.getByRole("searchbox", { name: "Search sessions" }).fill("broken.test");
  await page.getByText("1 shown").waitFor();
  await page.getByRole("searchbox", { name: "Search sessions" }).fill("nothing like it");
  await page.getByRole("button", { name: "Show all sessions" }).click();
  await page.getByText("2 sessions").waitFor();
});

pageTest("sessions appear by themselves, and go by keys", {}, async ({ page, server }) => {
  await page.goto("/sessions");
  await page.getByText("Nobody has connected yet").waitFor();
  await page.getByRole("status").getByText("Live").waitFor();
  await talk(server, ...delivery);
  await table(page).getByRole("row", { name: /Delivered/ }).waitFor();
  await page.keyboard.press("j");
  await page.keyboard.press("Enter");
  await heading(page, "Session 1").waitFor();
  await page.keyboard.press("Escape");
  await heading(page, "Session 1").waitFor({ state: "detached" });
  await page.getByRole("link", { name: /^default/ }).click();
  await row(page, "Hello").waitFor();
});

const canCopy = { context: { permissions: ["clipboard-read", "clipboard-write"] } };

pageTest("what failed can be tried again, as swaks and as curl", canCopy, async ({ page, server }) => {
  await server.api("faults", {
    method: "PUT",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify({ rules: [{ stage: "rcpt", address: "o'hara@b.test", reply: { code: 550 } }] }),
  });
  const said = ["MAIL FROM:<app@shop.test>", "RCPT TO:<ann@b.test>", "RCPT TO:<o'hara@b.test>"];
  await talk(server, "EHLO shop.test", ...said, "QUIT");
  await untilServer(async () => (await server.api("sessions/1")).status, 200);
  await page.goto("/sessions/1");
  await page.getByRole("button", { name: "Copy as text" }).click();
  await page.getByRole("button", { name: "Copied" }).waitFor();
  const text = await page.evaluate(() => navigator.clipboard.readText());
  assert.match(text, /C: RCPT TO:<o'hara@b.test>\n.*# fault:.*\n.*S: 550/);
  await page.getByRole("button", { name: "Copied" }).waitFor({ state: "detached" });
  for (const [index, tool] of ["swaks", "curl"].entries()) {
    await page.getByRole("button", { name: `Copy as ${tool}` }).click();
    await page.getByRole("button", { name: "Copied" }).waitFor();
    const command = await page.evaluate(() => navigator.clipboard.readText());
    const run = spawnSync("sh", ["-c", command], { encoding: "utf8" });
    const id = index + 2;
    await untilServer(async () => (await server.api(`sessions/${id}`)).status, 200);
    const { client, entries } = await (await server.api(`sessions/${id}`)).json();
    const lines = entries.filter(({ from }) => from === "client").map(entry => entry.text);
    assert.equal(client.helo, "shop.test", `${command}\n${run.stdout}${run.stderr}`);
    for (const line of said) assert.ok(lines.some(other => other?.startsWith(line)), `${line}: ${lines}`);
    assert.ok(tool === "curl" || !lines.includes("DATA"), "the client did not come to that");
    await page.getByRole("button", { name: "Copied" }).waitFor({ state: "detached" });
  }
});

const gone = { allowed: [/404/] };

pageTest("a session that is gone is said to be so", gone, async ({ page }) => {
  await page.goto("/sessions/77");
  await page.getByRole("alert").getByText("This session is gone").waitFor();
  await page.getByRole("link", { name: "Back to the sessions" }).click();
  await page.getByText("Nobody has connected yet").waitFor();
});
