// The page behind a login: the browser asks for it once, and everything the page loads is let in.

import assert from "node:assert/strict";
import { heading, pageTest, panel, row, tab } from "./mailstop.mjs";

const token = "administrators-token-0123456789";
const locked = {
  options: ["--api-token", token],
  context: { httpCredentials: { username: "ann", password: token } },
};

pageTest("the page works with a login", locked, async ({ page, server }) => {
  await page.goto("/");
  await page.getByText("SMTP").first().waitFor();
  await server.send({
    subject: "Hello",
    html: '<p>see <img src="cid:dot"></p>',
    attachments: [
      {
        cid: "dot",
        filename: "dot.png",
        content: Buffer.from(
          "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==",
          "base64",
        ),
      },
    ],
  });
  await row(page, "Hello").click(); // it came as news
  await heading(page, "Hello").waitFor();
  await tab(page, "Raw").click();
  await panel(page).getByText("Subject: Hello").first().waitFor();
});

const lockedOut = {
  options: ["--api-token", token],
  context: { httpCredentials: { username: "ann", password: "wrong" } },
  allowed: [/401/],
};

pageTest("without a login there is nothing to see", lockedOut, async ({ page }) => {
  const response = await page.goto("/");
  assert.equal(response.status(), 401);
});
