// New mail appears by itself, does not move what is read, and is not missed.

import assert from "node:assert/strict";
import { heading, pageTest, panel, row, Server, subjects, tab, until } from "./mailstop.mjs";

const many = (first, count) =>
  Array.from({ length: count }, (_, index) => ({ subject: `Message ${first + index}`, text: "x" }));

pageTest("mail appears without a reload, newest first, and is counted", {}, async ({ page, server }) => {
  await page.goto("/");
  await heading(page, "Waiting for mail").waitFor();
  await page.evaluate(() => {
    window.isSamePage = true;
  });
  await server.send({ subject: "First", text: "x" });
  await row(page, "Unread: First").waitFor();
  await server.send({ subject: "Second", text: "x" });
  await row(page, "Unread: Second").waitFor();
  assert.deepEqual(await subjects(page), ["Second", "First"]);
  await page.getByRole("link", { name: "default 2 unread" }).waitFor();
  await until(page, () => document.title === "(2) default · Mailstop");
  await page.getByRole("status").getByText("New message: Second").waitFor();
  assert.equal(await page.evaluate(() => window.isSamePage), true);
});

const topRow = page =>
  page.locator(".rows").evaluate(rows => {
    const { top } = rows.getBoundingClientRect();
    const first = [...rows.querySelectorAll("li")].find(li => li.getBoundingClientRect().bottom > top);
    return [first.querySelector(".row-subject").textContent, first.getBoundingClientRect().top - top];
  });

pageTest("what is read stays in its place while mail comes in", {}, async ({ page, server }) => {
  await server.send(...many(1, 40));
  await page.goto("/");
  await row(page, "Message 40").waitFor();
  await page.locator(".rows").evaluate(rows => rows.scrollTo(0, 1000));
  await row(page, "Message 20").waitFor();
  const before = await topRow(page);

  await server.send(...many(41, 3));
  await page.getByRole("button", { name: "3 new messages" }).waitFor();
  assert.deepEqual(await topRow(page), before);

  await page.getByRole("button", { name: "3 new messages" }).click();
  await row(page, "Message 43").waitFor();
  assert.equal(await page.getByRole("button", { name: /new message/ }).count(), 0);
});

pageTest("a long list is read as far as it is scrolled", {}, async ({ page, server }) => {
  await server.send(...many(1, 450));
  await page.goto("/");
  await row(page, "Message 450").waitFor();
  await page.getByText("450 messages").waitFor();
  const rows = page.locator(".rows");
  await rows.evaluate(element => element.scrollTo(0, element.scrollHeight));
  await page.getByRole("link", { name: /Message 1 / }).waitFor();
  assert.ok((await rows.getByRole("listitem").count()) < 60, "only rows in sight are in the page");
});

const offline = { allowed: [/ERR_|Failed to load resource/] };

pageTest("after the server was away nothing is missing", offline, async ({ page, server }) => {
  await server.send({ subject: "Before", text: "x" });
  await page.goto("/");
  await row(page, "Before").click();
  await tab(page, "Text").click();
  await panel(page).getByText("x", { exact: true }).waitFor();
  await page.getByRole("status").getByText("Live").waitFor();

  await server.stop();
  await page.getByRole("status").getByText("Reconnecting…").waitFor();
  await row(page, "Before").waitFor();
  await tab(page, "Headers").click();
  await panel(page).getByText("Mailstop does not answer").waitFor();

  const next = await Server.start(server.folder, server);
  try {
    await next.send({ subject: "Meanwhile", text: "x" });
    await page.getByRole("status").getByText("Live").waitFor();
    await row(page, "Meanwhile").waitFor();
    await panel(page).getByRole("row", { name: "Subject Before" }).waitFor();
  } finally {
    await next.stop();
  }
});

pageTest("a server that does not answer is said so, and tried again", offline, async ({ page, server }) => {
  // Live news stay away, or they would bring the list back before the button is pressed.
  await page.route("**/api/v1/events", route => route.abort());
  await page.route("**/api/v1/**", route => route.abort());
  await page.goto("/");
  await page.getByRole("alert").getByText("Mailstop does not answer").first().waitFor();
  await server.send({ subject: "There all the time", text: "x" });
  await page.unroute("**/api/v1/**");
  await page.getByRole("region", { name: "Messages" }).getByRole("button", { name: "Try again" }).click();
  await row(page, "There all the time").waitFor();
});

pageTest("what limits take leaves the list, and is told", {}, async ({ page, server }) => {
  const limits = await server.api("inboxes/default", {
    method: "PATCH",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify({ limits: { max_messages: 3 } }),
  });
  assert.equal(limits.status, 200);
  await page.goto("/");
  await heading(page, "Waiting for mail").waitFor();
  await server.send(...many(1, 3));
  await page.getByRole("link", { name: "Message 1 " }).click();
  await server.send(...many(4, 2));
  await page.getByText("2 pruned").waitFor();
  await until(page, () => document.querySelectorAll(".rows li").length === 3);
  assert.deepEqual(await subjects(page), ["Message 5", "Message 4", "Message 3"]);
  await page.getByRole("alert").getByText("This message was deleted").waitFor();
});
