// Whatever a message is and however slow the server, the page holds its shape and says what is so.

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { heading, pageTest, panel, PIXEL, row, tab, talk, until } from "./mailstop.mjs";

const tabs = {
  preview: page => page.frameLocator("iframe").getByText("The HTML side"),
  text: page => panel(page).getByText("The plain side"),
  source: page => panel(page).getByText("<p>The HTML side</p>"),
  headers: page => panel(page).getByRole("row", { name: "Subject Sides" }),
  parts: page => panel(page).getByText("multipart/alternative"),
  transcript: page => panel(page).getByRole("row", { name: /RCPT TO:<ann@b.test>/ }),
  raw: page => panel(page).getByText("Subject: Sides"),
};

pageTest("a link leads to each tab, and a shared one opens what was meant", {}, async context => {
  const { page, server, session } = context;
  await server.send({ subject: "Sides", text: "The plain side", html: "<p>The HTML side</p>" });
  for (const [name, isThere] of Object.entries(tabs)) {
    await page.goto(`/inbox/default/message/1/${name}`);
    await isThere(page).waitFor();
    const title = name.charAt(0).toUpperCase() + name.slice(1);
    await page.getByRole("tab", { name: title, selected: true }).waitFor();
  }
  await page.goto("/inbox/default?query=sides");
  await row(page, "Sides").click();
  await tab(page, "Headers").click();
  await until(page, () => location.pathname.endsWith("/headers"));
  const other = await session.newPage();
  await other.goto(page.url());
  await tabs.headers(other).waitFor();
  assert.equal(await other.getByRole("combobox", { name: "Search messages" }).inputValue(), "sides");
});

pageTest("500 recipients and 200 files leave room for the message", {}, async ({ page, server }) => {
  const users = Array.from({ length: 500 }, (_, index) => `user${index}@b.test`);
  const attachments = Array.from({ length: 200 }, (_, index) => ({
    filename: index % 2 ? `invoice-${index}.pdf` : `photo-${index}.png`,
    content: PIXEL,
  }));
  await server.send({ subject: "Many", to: users, text: "All of it", attachments });
  await page.goto("/inbox/default/message/1");
  await row(page, /Many.*user0@b.test \+499.*200/s).waitFor();
  const files = page.getByRole("region", { name: "Attachments" });
  await files.getByText("200 attachments").waitFor();
  assert.equal(await files.getByRole("link").count(), 200);
  await until(page, () => document.querySelector(".thumbnail img").naturalWidth === 1);
  await page.getByText("and 497 more").click();
  await page.getByText("user499@b.test").scrollIntoViewIfNeeded();
  const { height } = await panel(page).boundingBox();
  assert.ok(height > 150, `the message has ${height} pixels of 800`);
});

pageTest("many tags leave room for the subject", {}, async ({ page, server }) => {
  await server.send({ subject: "Your order 1042 is on its way", text: "x" });
  const tags = ["seen-by-everybody", "regression-suite", "release-candidate"];
  await server.api("messages/1", {
    method: "PATCH",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify({ tags }),
  });
  await page.goto("/");
  const subject = row(page, /release-candidate/).locator(".row-subject");
  assert.ok(await subject.evaluate(element => element.scrollWidth <= element.clientWidth));
});

pageTest("a file that is no picture, whatever it says, is not shown as one", {}, async context => {
  const { page, server } = context;
  const attachments = [{ filename: "photo.png", content: "<script>alert(1)</script>" }];
  await server.send({ subject: "Liar", text: "x", attachments });
  await page.goto("/inbox/default/message/1");
  const file = page.getByRole("region", { name: "Attachments" }).getByRole("link", { name: /photo/ });
  await file.locator(".thumbnail svg").waitFor();
  assert.equal(await file.locator("img").count(), 0);
});

const direction = locator => locator.evaluate(element => getComputedStyle(element).direction);

pageTest("letters that run from right to left do so, and only they", {}, async ({ page, server }) => {
  const text = "مرحبا بك في المتجر";
  await server.send(
    { subject: "🎉 Party", text: "🎉" },
    { subject: "إعادة تعيين كلمة المرور", from: "متجر <app@shop.test>", text },
  );
  await page.goto("/inbox/default/message/2");
  await heading(page, "إعادة تعيين كلمة المرور").waitFor();
  const lines = page.locator(".row-subject");
  assert.equal(await direction(heading(page, "إعادة تعيين كلمة المرور")), "rtl");
  assert.equal(await direction(lines.nth(0)), "rtl");
  assert.equal(await direction(lines.nth(1)), "ltr");
  assert.equal(await direction(panel(page).getByText(text)), "rtl");
  await page.getByText("متجر <app@shop.test>").waitFor();
  await row(page, "🎉 Party").click();
  await heading(page, "🎉 Party").waitFor();
});

const imported = (server, body) =>
  server.api("inboxes/default/messages?from=a@b.test&to=ann@b.test", {
    method: "POST",
    headers: { "Content-Type": "message/rfc822" },
    body,
  });

pageTest("what no parser understands is shown as it came", {}, async ({ page, server }) => {
  const octets = Buffer.from(Array.from({ length: 600 }, (_, index) => (index * 7) % 256));
  assert.equal((await imported(server, octets)).status, 201);
  await page.goto("/");
  await row(page, "(no subject)").click();
  await page.getByRole("article").getByRole("link", { name: /warning/ }).click();
  await page.getByRole("list", { name: "Warnings" }).waitFor();
  await page.getByText("This message came by no SMTP session").waitFor();
  await tab(page, "Raw").click();
  await panel(page).locator(".line").first().waitFor();
  const raw = Buffer.from(await (await server.api("messages/1/raw")).arrayBuffer());
  assert.deepEqual(raw, octets);
});

pageTest("nothing flickers while the server thinks, and then it is said", {}, async ({ page }) => {
  let answer;
  const answered = new Promise(resolve => {
    answer = resolve;
  });
  await page.route("**/api/v1/sessions?*", async route => {
    await answered;
    await route.continue();
  });
  await page.goto("/sessions");
  const loading = page.getByText("Loading…");
  await loading.waitFor();
  const [delay, opacity] = await loading.evaluate(element => {
    const { animationDelay } = getComputedStyle(element);
    const first = element.getAnimations()[0]?.effect.getKeyframes()[0].opacity;
    return [animationDelay, first];
  });
  assert.deepEqual([delay, Number(opacity)], ["0.15s", 0]);
  answer();
  await page.getByText("Nobody has connected yet").waitFor();
});

const still = { context: { reducedMotion: "reduce" } };

pageTest("who wants no motion sees none", still, async ({ page, server }) => {
  await server.send({ subject: "One", text: "x" });
  await page.goto("/");
  await row(page, "One").click();
  await page.getByRole("button", { name: "Delete", exact: true }).click();
  await page.getByRole("button", { name: "Undo" }).waitFor();
  const longest = await page.evaluate(() =>
    Math.max(0, ...document.getAnimations().map(a => a.effect.getTiming().duration)),
  );
  assert.ok(longest <= 1, `something moves for ${longest} ms`);
});

const withTls = {
  options: ["--starttls", "on"],
  context: { permissions: ["clipboard-read", "clipboard-write"] },
};

pageTest("a transcript tells of TLS and of no password", withTls, async ({ page, server }) => {
  const sent = spawnSync("swaks", ["--server", `127.0.0.1:${server.smtpPort}`, "--tls", "--from",
    "a@b.test", "--to", "ann@b.test", "--auth", "LOGIN", "--auth-user", "shop", "--auth-password",
    "open-sesame", "--header", "Subject: Secret"]);
  assert.equal(sent.status, 0, String(sent.stdout));
  await page.goto("/inbox/shop/message/1/transcript");
  const said = panel(page).getByRole("table", { name: "What was said" });
  await said.getByRole("row", { name: /TLS began: TLS1\.[23]/ }).waitFor();
  await page.getByText(/^TLS 1\.[23]$/).waitFor();
  await said.getByRole("row", { name: /\*{8}/ }).first().waitFor();
  await panel(page).getByRole("button", { name: "Copy as text" }).click();
  await panel(page).getByRole("button", { name: "Copied" }).waitFor();
  const text = await page.evaluate(() => navigator.clipboard.readText());
  assert.match(text, /C: AUTH LOGIN[\s\S]*S: 235/);
  const shown = `${text}\n${await panel(page).innerText()}`;
  for (const secret of ["open-sesame", Buffer.from("open-sesame").toString("base64")]) {
    assert.ok(!shown.includes(secret));
  }
});

pageTest("a warning stands behind the line that it is about", {}, async ({ page, server }) => {
  await talk(server, "EHLO shop.test", "MAIL FROM: <a@b.test>", "RCPT TO:<ann@b.test>", "DATA",
    "Subject: Warned\r\n\r\nx\r\n.", "QUIT");
  await page.goto("/inbox/default/message/1/transcript");
  const rows = panel(page).getByRole("table", { name: "What was said" }).getByRole("row");
  await rows.filter({ hasText: "RCPT TO:<ann@b.test>" }).first().waitFor();
  const lines = await rows.allInnerTexts();
  const at = lines.findIndex(line => line.includes("MAIL FROM: <a@b.test>"));
  assert.match(lines[at + 1], /Note\s+Warning [a-z-]+: .*RFC 5321/);
});
