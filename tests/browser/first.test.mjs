// The first time: start, see how to connect, send a test message, open it, find what was said when
// one came by SMTP, delete it and undo, by what the page itself says.

import assert from "node:assert/strict";
import { heading, pageTest, row } from "./mailstop.mjs";

pageTest("somebody who sees the page for the first time finds the way", {}, async context => {
  const { page, server } = context;
  await page.goto("/");
  await heading(page, "Waiting for mail").waitFor();
  await page.getByRole("button", { name: "Send a test message" }).click();
  await row(page, "It works").click();
  await heading(page, "It works").waitFor();
  const mail = page.frameLocator("iframe");
  await mail.getByText("Mail from your application will look like this.").waitFor();

  await server.send({ subject: "By SMTP", text: "x" });
  await row(page, "By SMTP").click();
  await page.getByRole("link", { name: /^Session \d+$/ }).click();
  const said = page.getByRole("table", { name: "What was said" });
  await said.getByRole("row", { name: /RCPT TO:<ann@b.test>/ }).waitFor();
  await said.getByRole("link", { name: /of a message/ }).click();

  await heading(page, "By SMTP").waitFor();
  await page.getByRole("button", { name: "Delete", exact: true }).click();
  await heading(page, "It works").waitFor();
  await page.getByRole("button", { name: "Undo" }).click();
  await row(page, "By SMTP").waitFor();
  assert.deepEqual(await server.subjects(), ["By SMTP", "It works"]);
});
