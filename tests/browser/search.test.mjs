// Searching: what the server finds, help with the words, and what is wrong said under the field.

import assert from "node:assert/strict";
import { pageTest, row, searchField, subjects } from "./mailstop.mjs";

const mail = [
  { subject: "Your order", to: "bob@b.test", text: "Thank you" },
  { subject: "Reset your password", text: "The code is 123456" },
  { subject: "Invoice", from: "Billing <billing@shop.test>", text: "order" },
];

pageTest("operators and text of the mail are looked for", {}, async ({ page, server }) => {
  await server.send(...mail);
  await page.goto("/");
  await row(page, "Invoice").waitFor();
  for (const [query, found] of [
    ["order", ["Invoice", "Your order"]],
    ["subject:order", ["Your order"]],
    ["from:billing@shop.test OR to:bob", ["Invoice", "Your order"]],
    ["-text:code is:unread", ["Invoice", "Your order"]],
  ]) {
    await searchField(page).fill(query);
    await page.getByText(`${found.length} match`).waitFor();
    assert.deepEqual(await subjects(page), found, query);
  }
});

pageTest("operators and addresses are completed by keys", {}, async ({ page, server }) => {
  await server.send(...mail);
  await page.goto("/");
  await row(page, "Invoice").waitFor();
  await page.keyboard.press("/");
  await page.keyboard.type("fr");
  await page.getByRole("option", { name: "from: sender" }).waitFor();
  await page.keyboard.press("Tab");
  await page.keyboard.type("bill");
  await page.getByRole("option", { name: "from:billing@shop.test Billing" }).waitFor();
  await page.keyboard.press("ArrowDown");
  await page.keyboard.press("Enter");
  await page.getByText("1 match", { exact: true }).waitFor();
  assert.deepEqual(await subjects(page), ["Invoice"]);
  assert.equal(await searchField(page).inputValue(), "from:billing@shop.test ");
  assert.equal(new URL(page.url()).searchParams.get("query"), "from:billing@shop.test");
});

pageTest("inboxes are completed too", {}, async ({ page, server }) => {
  await server.send(...mail);
  await page.goto("/");
  await row(page, "Invoice").waitFor();
  await searchField(page).fill("order -inbox:d");
  await page.getByRole("option", { name: "-inbox:default inbox" }).click();
  await page.getByText("No message matches").waitFor();
});

pageTest("suggestions can be pointed at", {}, async ({ page, server }) => {
  await server.send(...mail);
  await page.goto("/");
  await row(page, "Invoice").click();
  await row(page, /^Invoice/).waitFor();
  await searchField(page).fill("is:");
  await page.getByRole("option", { name: "is:unread" }).click();
  await page.getByText("2 matches", { exact: true }).waitFor();
});

pageTest("who types slowly is not told that the query is wrong", {}, async ({ page, server }) => {
  await server.send(...mail);
  await page.goto("/");
  await row(page, "Invoice").click();
  await searchField(page).pressSequentially("is:unread", { delay: 250 });
  await page.getByText("2 matches", { exact: true }).waitFor();
});

const bad = { allowed: [/400/] };

pageTest("a bad query is explained under the field", bad, async ({ page, server }) => {
  await server.send(...mail);
  await page.goto("/");
  await row(page, "Invoice").waitFor();
  await searchField(page).fill("order (a");
  await page.getByRole("alert").getByText("This parenthesis is not closed").waitFor();
  assert.equal(await page.locator(".search-fault mark").innerText(), "(a");
  assert.equal((await subjects(page)).length, 3, "what was there stays");

  await page.reload();
  await page.getByText("This search cannot be read").waitFor();
  const list = page.getByRole("region", { name: "Messages" });
  await list.getByRole("button", { name: "Clear the search" }).click();
  await row(page, "Invoice").waitFor();
});

pageTest("mail that comes in while a search is shown appears if it matches", {}, async context => {
  const { page, server } = context;
  await server.send(...mail);
  await page.goto("/inbox/default?query=order");
  await page.getByText("2 matches", { exact: true }).waitFor();
  await page.getByRole("status").getByText("Live").waitFor();
  await server.send({ subject: "Something else", text: "x" }, { subject: "Another order", text: "x" });
  await row(page, "Another order").waitFor();
  assert.deepEqual(await subjects(page), ["Another order", "Invoice", "Your order"]);
});
