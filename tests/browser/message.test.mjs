// A message is looked at from every side, and can do no harm.

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import { heading, pageTest, panel, PIXEL, row, tab, until, untilServer } from "./mailstop.mjs";

/** A server that mail must not reach; `hits` are the requests that did. */
async function startElsewhere() {
  const hits = [];
  const server = createServer((request, response) => {
    hits.push(request.url);
    response.end();
  });
  await new Promise(resolve => server.listen(0, "127.0.0.1", resolve));
  const stop = () => {
    // Chromium connects for a frame before it finds that it may not load it, and asks nothing.
    server.closeAllConnections();
    return new Promise(resolve => server.close(resolve));
  };
  return { hits, stop, url: `http://127.0.0.1:${server.address().port}` };
}

const hostile = elsewhere => `<!doctype html>
<html><head>
  <link rel="stylesheet" href="${elsewhere}/style.css">
  <style>@import "${elsewhere}/import.css"; body { background: url(${elsewhere}/background.png) }</style>
  <meta http-equiv="refresh" content="0; url=${elsewhere}/refresh">
</head><body>
  <h1>Reset your password</h1>
  <img src="cid:logo" alt="Logo" width="10" height="10">
  <img src="${elsewhere}/pixel.png" alt="" onerror="parent.document.title = 'harmed'">
  <script>document.body.textContent = "harmed"; parent.document.title = "harmed"</script>
  <iframe src="${elsewhere}/frame"></iframe>
  <form action="${elsewhere}/form"><input name="q"></form>
</body></html>`;

// What the browser says of each thing that it did not let the mail do.
const refused = { allowed: [/violates|sandboxed|Blocked|blocked|Refused/] };

pageTest("HTML is shown in a frame that runs nothing and fetches nothing", refused, async context => {
  const { page, server } = context;
  const elsewhere = await startElsewhere();
  try {
    const attachments = [{ filename: "logo.png", content: PIXEL, cid: "logo" }];
    await server.send({ subject: "Reset", html: hostile(elsewhere.url), attachments });
    await page.goto("/");
    await row(page, "Reset").click();

    const frame = page.locator("iframe");
    const sandbox = (await frame.getAttribute("sandbox")).split(" ");
    assert.ok(!sandbox.includes("allow-scripts") && !sandbox.includes("allow-same-origin"));
    const body = page.frameLocator("iframe");
    await body.getByRole("heading", { name: "Reset your password" }).waitFor();
    await body.getByRole("img", { name: "Logo" }).waitFor();
    await until(page, () => document.title.startsWith("default"));
    assert.deepEqual(elsewhere.hits, []);
  } finally {
    await elsewhere.stop();
  }
});

pageTest("a picture of the message itself is shown in its HTML", {}, async ({ page, server }) => {
  await server.send({
    subject: "Logo",
    html: '<img src="cid:logo" alt="Logo">',
    attachments: [{ filename: "logo.png", content: PIXEL, cid: "logo" }],
  });
  const picture = page.waitForResponse(/\/parts\//);
  await page.goto("/");
  await row(page, "Logo").click();
  const response = await picture;
  assert.equal(response.status(), 200);
  assert.deepEqual(await response.body(), PIXEL);
});

pageTest("text is shown where there is no HTML, with its links", {}, async ({ page, server }) => {
  await server.send({ subject: "Welcome", text: "Confirm: https://shop.test/confirm?code=42." });
  await page.goto("/");
  await row(page, "Welcome").click();
  const link = panel(page).getByRole("link", { name: "https://shop.test/confirm?code=42" });
  assert.equal(await link.getAttribute("href"), "https://shop.test/confirm?code=42");
  assert.equal(await link.getAttribute("rel"), "noopener noreferrer");
  assert.equal(await page.locator("iframe").count(), 0);
});

pageTest("text, headers, parts and raw each show their side", {}, async ({ page, server }) => {
  await server.send({
    subject: "Grüße aus Köln",
    to: "Ann <ann@b.test>",
    cc: "bob@b.test",
    bcc: "secret@b.test",
    text: "The plain side",
    html: "<p>The other side</p>",
    headers: { "X-Tenant": "42", Received: ["from b by c; two", "from a by b; one"] },
    attachments: [{ filename: "terms.txt", content: "small print" }],
  });
  await page.goto("/");
  await row(page, "Grüße aus Köln").click();
  await heading(page, "Grüße aus Köln").waitFor();
  const addresses = page.getByRole("article").locator("dl");
  for (const text of ["Ann <ann@b.test>", "bob@b.test", "secret@b.test"]) {
    await addresses.getByText(text, { exact: true }).waitFor();
  }

  await tab(page, "Text").click();
  await panel(page).getByText("The plain side").waitFor();

  await tab(page, "Headers").click();
  const table = panel(page).getByRole("table");
  await table.getByRole("row", { name: "X-Tenant 42" }).waitFor();
  await table.getByRole("row", { name: "Subject Grüße aus Köln" }).waitFor();
  const hops = await table.getByRole("row", { name: /^Received/ }).allInnerTexts();
  assert.match(hops[0], /hop 2[\s\S]*by c/);
  assert.match(hops[1], /hop 1[\s\S]*by b/);
  await page.getByRole("button", { name: "As received" }).click();
  await table.getByRole("row", { name: /Subject Grüße aus Köln =\?UTF-8\?/i }).waitFor();
  await page.getByRole("searchbox", { name: "Filter headers" }).fill("tenant");
  await until(page, () => document.querySelectorAll(".headers tbody tr").length === 1);

  await tab(page, "Parts").click();
  const tree = panel(page).getByRole("list", { name: "Parts" });
  for (const type of ["multipart/mixed", "text/plain", "text/html"]) {
    await tree.getByText(type, { exact: true }).first().waitFor();
  }
  await tree.getByText("terms.txt").waitFor();
  await tree.getByRole("button", { name: "Show terms.txt" }).click();
  await tree.getByText("small print").waitFor();
  await tree.getByRole("button", { name: "Show part 1.2" }).click();
  await tree.getByText("<p>The other side</p>").waitFor();
  await tree.getByRole("button", { name: "Show terms.txt" }).click();
  await tree.getByText("small print").waitFor({ state: "detached" });

  await tab(page, "Raw").click();
  await panel(page).getByText("X-Tenant: 42").waitFor();
  assert.match(page.url(), /\/message\/1\/raw$/);
});

async function bytesOf(download) {
  return readFile(await download.path());
}

pageTest("attachments and the message itself can be saved, byte for byte", {}, async context => {
  const { page, server } = context;
  const content = Buffer.from(Array.from({ length: 3000 }, (_, index) => index % 256));
  await server.send({ subject: "Files", text: "x", attachments: [{ filename: "größe.bin", content }] });
  await page.goto("/");
  await row(page, "Files").click();
  const attachments = page.getByRole("region", { name: "Attachments" });
  await attachments.getByText("3.0 KB").waitFor();

  let download = page.waitForEvent("download");
  await attachments.getByRole("link", { name: /größe\.bin/ }).click();
  assert.equal((await download).suggestedFilename(), "größe.bin");
  assert.deepEqual(await bytesOf(await download), content);

  download = page.waitForEvent("download");
  await page.getByRole("link", { name: "Download raw" }).click();
  assert.equal((await download).suggestedFilename(), "message-1.eml");
  const raw = Buffer.from(await (await server.api("messages/1/raw")).arrayBuffer());
  assert.deepEqual(await bytesOf(await download), raw);
});

pageTest("a message without subject and body is no riddle", {}, async ({ page, server }) => {
  await server.send({ text: "" });
  await page.goto("/");
  await row(page, "(no subject)").click();
  await heading(page, "(no subject)").waitFor();
  await tab(page, "Raw").click();
  await panel(page).getByText(/^From: /).waitFor();
});

pageTest("a long message is shown in part, and the page stays quick", {}, async ({ page, server }) => {
  const text = `${"x".repeat(5000)}\n${"A line of no great length\n".repeat(60_000)}`;
  await server.send({ subject: "Long", text });
  await page.goto("/inbox/default/message/1/raw");
  await panel(page).getByText(/First 5\d\d KB of/).waitFor();
  assert.ok((await panel(page).locator(".line").count()) < 120, "only lines in sight are in the page");
  await panel(page).getByRole("button", { name: "Show more" }).click();
  await until(page, () => !document.querySelector(".tools-text")?.textContent.startsWith("First"));
});

pageTest("opening marks as read, and it can be undone", {}, async ({ page, server }) => {
  await server.send({ subject: "One", text: "x" }, { subject: "Two", text: "x" });
  await page.goto("/");
  await row(page, "Unread: Two").click();
  await row(page, /^Two/).waitFor();
  await page.getByRole("link", { name: "default 1 unread" }).waitFor();
  await page.getByRole("button", { name: "Mark as unread" }).click();
  await row(page, "Unread: Two").waitFor();
  await page.getByRole("link", { name: "default 2 unread" }).waitFor();
});

const fetching = { allowed: [...refused.allowed, /asked for/] };

pageTest("pictures from elsewhere are fetched when that is asked for", fetching, async context => {
  const { page, server } = context;
  const elsewhere = await startElsewhere();
  try {
    await server.send({ subject: "Pictures", html: `<p>Hi</p><img src="${elsewhere.url}/a.png"><img src="${elsewhere.url}/b.png">` });
    await page.goto("/");
    await row(page, "Pictures").click();
    const load = page.getByRole("button", { name: "Load 2 remote images" });
    await load.waitFor();
    await page.frameLocator("iframe").getByText("Hi").waitFor();
    assert.deepEqual(elsewhere.hits, []);
    await load.click();
    await untilServer(async () => [...elsewhere.hits].sort(), ["/a.png", "/b.png"]);
    await load.waitFor({ state: "detached" });
  } finally {
    await elsewhere.stop();
  }
});

pageTest("the mail is tried in widths and in the dark", {}, async ({ page, server }) => {
  await server.send({ subject: "Plain", html: "<p>Hi</p>" });
  await page.goto("/");
  await row(page, "Plain").click();
  const frame = page.locator("iframe");
  const width = async () => (await frame.boundingBox()).width;
  await page.getByRole("button", { name: "Phone" }).click();
  assert.equal(await width(), 375);
  const handle = page.getByRole("separator", { name: "Width of the message" });
  await handle.press("ArrowRight");
  assert.equal(await width(), 391);
  const box = await handle.boundingBox();
  await page.mouse.move(box.x + 5, box.y + 50);
  await page.mouse.down();
  await page.mouse.move(box.x + 55, box.y + 50, { steps: 5 });
  await page.mouse.up();
  assert.ok((await width()) > 410);
  await page.getByRole("button", { name: "Full" }).click();
  await page.getByRole("button", { name: "Dark" }).click();
  await page.locator("iframe.is-inverted").waitFor();
});

const twoColours = `<style>
  p { color: rgb(1, 2, 3) }
  @media (prefers-color-scheme: dark) { p { color: rgb(4, 5, 6) } }
</style><p>Hi</p>`;

// The browser itself decides what the mail is told of its reader's colours.
const asItIs = { context: { colorScheme: null } };

pageTest("mail with dark colours of its own is shown in them, and so is the next", asItIs, async context => {
  const { page, server } = context;
  await server.send(
    { subject: "Plain", html: "<p>Ho</p>" },
    { subject: "Two", html: twoColours },
    { subject: "Also two", html: twoColours },
  );
  const colour = () =>
    page.frameLocator("iframe").getByText("Hi").evaluate(element => getComputedStyle(element).color);
  await page.goto("/inbox/default/message/3");
  await untilServer(colour, "rgb(1, 2, 3)");
  await page.getByRole("button", { name: "Phone" }).click();
  await page.getByRole("button", { name: "Dark" }).click();
  await page.locator("iframe.is-dark").waitFor();
  await untilServer(colour, "rgb(4, 5, 6)");
  await page.keyboard.press("j");
  await heading(page, "Two").waitFor();
  await page.locator("iframe.is-dark").waitFor();
  await untilServer(colour, "rgb(4, 5, 6)");
  assert.equal((await page.locator("iframe").boundingBox()).width, 375);
  await page.keyboard.press("j");
  await page.frameLocator("iframe").getByText("Ho").waitFor();
  await page.locator("iframe.is-inverted").waitFor();
});

pageTest("source and transcript show their side too", {}, async ({ page, server }) => {
  await server.send({ subject: "Sides", html: '<p class="x">Hi</p>\n<!-- unseen -->' });
  await page.goto("/");
  await row(page, "Sides").click();
  await tab(page, "Source").click();
  await panel(page).getByText("<!-- unseen -->").waitFor();
  assert.match(page.url(), /\/source$/);
  await tab(page, "Transcript").click();
  const said = panel(page).getByRole("table", { name: "What was said" });
  await said.getByText("DATA", { exact: true }).waitFor();
  const size = said.getByText(/^250-SIZE/);
  await size.waitFor({ state: "hidden" });
  await said.getByText(/more lines/).click();
  await size.waitFor();
  await said.getByText(/^250 2\.0\.0 Ok: stored as/).waitFor();
  await panel(page).getByRole("button", { name: "Copy as swaks" }).waitFor();
  await panel(page).getByRole("link", { name: "The whole session" }).click();
  await page.getByRole("heading", { name: /^Session/ }).waitFor();
});

const canCopy = { context: { permissions: ["clipboard-read", "clipboard-write"] } };

pageTest("what was said can be said again, as swaks and as curl", canCopy, async ({ page, server }) => {
  const to = "ann@b.test,o'hara@b.test";
  const sent = spawnSync("swaks", ["--server", `127.0.0.1:${server.smtpPort}`, "--helo", "shop.test",
    "--auth-user", "shop", "--auth-password", "any", "--from", "<>", "--to", to,
    "--header", "Subject: Once more", "--body", ".a dot, grün, and a quote: '\n..two\n"]);
  assert.equal(sent.status, 0, String(sent.stdout));
  await page.goto("/inbox/shop");
  await row(page, "Once more").click();
  await tab(page, "Transcript").click();
  for (const tool of ["swaks", "curl"]) {
    await panel(page).getByRole("button", { name: `Copy as ${tool}` }).click();
    await panel(page).getByRole("button", { name: "Copied" }).waitFor();
    const command = await page.evaluate(() => navigator.clipboard.readText());
    const run = spawnSync("sh", ["-c", command], { encoding: "utf8" });
    assert.equal(run.status, 0, `${command}\n${run.stdout}${run.stderr}`);
    await panel(page).getByRole("button", { name: "Copied" }).waitFor({ state: "detached" });
  }
  const { items } = await (await server.api("inboxes/shop/messages")).json();
  const same = await Promise.all(items.map(async ({ id, envelope, client }) => {
    const raw = Buffer.from(await (await server.api(`messages/${id}/raw`)).arrayBuffer());
    return [raw.toString("latin1"), envelope.from, envelope.to, client.helo, client.username];
  }));
  const [byCurl, [rawBySwaks, ...bySwaks], [raw, ...first]] = same;
  assert.deepEqual(byCurl, [raw, ...first]);
  assert.deepEqual(bySwaks, first);
  assert.equal(rawBySwaks, `${raw}\r\n`); // swaks ends what it is given with a line of its own
});

pageTest("what the envelope says otherwise is marked", {}, async ({ page, server }) => {
  await server.send({ subject: "Marked", from: "app@shop.test", to: "ann@b.test", text: "x",
    envelope: { from: "bounce@mail.shop.test", to: ["ann@b.test", "audit@shop.test"] } });
  await page.goto("/");
  await row(page, "Marked").click();
  const addresses = page.getByRole("article").locator("dl");
  await addresses.getByText("bounce@mail.shop.test").waitFor();
  await addresses.getByText("the envelope's sender").waitFor();
  await addresses.getByText("in the envelope, not in To or Cc").waitFor();
  assert.equal(await addresses.getByText("not in the envelope").count(), 0);
  await server.send({ subject: "Bounce", to: "ann@b.test, Bob <bob@b.test>", text: "x",
    envelope: { from: "", to: ["Ann@b.test"] } });
  await row(page, "Bounce").click();
  await addresses.getByText("<>", { exact: true }).waitFor();
  const to = addresses.getByRole("definition").filter({ hasText: "Bob" });
  assert.equal(await to.innerText(), "ann@b.test, Bob <bob@b.test> not in the envelope");
});

/** What mail has been seen to try, each in a way of its own. */
const tricks = elsewhere => ({
  "an event handler": `<img src=x onerror="top.location='${elsewhere}/handler'"><body onload="alert(1)">`,
  "a link that is a script": `<a href="javascript:top.document.title='harmed'">click me</a>`,
  "SVG with a script": `<svg onload="alert(1)"><script>alert(1)</script><image href="${elsewhere}/svg.png"/></svg>`,
  "a font and a cursor": `<style>@font-face{font-family:x;src:url(${elsewhere}/font)} *{font-family:x;cursor:url(${elsewhere}/cursor),auto}</style><p>x</p>`,
  "a base": `<base href="${elsewhere}/"><img src="base.png"><link rel="prefetch" href="prefetch">`,
  "an object": `<object data="${elsewhere}/object"></object><embed src="${elsewhere}/embed"><video src="${elsewhere}/video" autoplay></video>`,
  "what is never closed": `<div><table><tr><td><b><i><!-- <p>"'<style>p{`,
  "covering all": `<div style="position:fixed;inset:0;z-index:99999;background:red">over</div>`,
});

pageTest("hostile mail runs nothing, fetches nothing and moves nothing", refused, async context => {
  const { page, server } = context;
  const elsewhere = await startElsewhere();
  try {
    const names = Object.keys(tricks(""));
    await server.send(
      ...Object.entries(tricks(elsewhere.url)).map(([subject, html]) => ({ subject, html })),
    );
    page.on("dialog", () => assert.fail("a script of the mail ran"));
    await page.goto("/");
    for (const name of names) {
      await row(page, name).click();
      await heading(page, name).waitFor();
      await page.frameLocator("iframe").locator("body").waitFor({ state: "attached" });
    }
    await row(page, "a link that is a script").click();
    await page.frameLocator("iframe").getByText("click me").click();
    await row(page, "covering all").click();
    await page.frameLocator("iframe").getByText("over").waitFor();
    await tab(page, "Headers").click(); // nothing lies over the page
    await panel(page).getByRole("table").waitFor();
    assert.deepEqual(elsewhere.hits, []);
    assert.ok(!(await page.title()).includes("harmed"));
    assert.equal(page.context().pages().filter(p => p.url().startsWith(elsewhere.url)).length, 0);
  } finally {
    await elsewhere.stop();
  }
});

pageTest("HTML without measure leaves the page quick", {}, async ({ page, server }) => {
  await server.send(
    { subject: "Large", html: `<p>${"A sentence of some words. ".repeat(400_000)}</p>` },
    { subject: "Many", html: `<p>first</p>${"<b>x</b>".repeat(100_000)}` },
    { subject: "pаypal.com \u202Emoc.lapyap", html: "<p>homograph</p>" },
  );
  await page.goto("/");
  for (const name of ["Large", "Many", /moc\.lapyap/]) {
    await row(page, name).click();
    await tab(page, "Headers").click();
    await panel(page).getByRole("table").waitFor();
    await tab(page, "Source").click();
    await panel(page).locator(".line").first().waitFor();
    const drawn = await page.evaluate(() => document.querySelectorAll(".tab-panel *").length);
    assert.ok(drawn < 25_000, `${drawn} elements are drawn`);
    await tab(page, "Preview").click();
  }
});
