// The ways through the page: links, history, keys, a phone, the dark.

import assert from "node:assert/strict";
import { heading, pageTest, panel, row, searchField, subjects, tab, until } from "./mailstop.mjs";

const three = ["One", "Two", "Three"].map(subject => ({ subject, text: `Text of ${subject}` }));

pageTest("a link leads to inbox, message and tab, and back works", {}, async ({ page, server }) => {
  await server.send(...three);
  await page.goto("/inbox/default/message/2/headers");
  await heading(page, "Two").waitFor();
  await panel(page).getByRole("row", { name: "Subject Two" }).waitFor();
  assert.equal(await tab(page, "Headers").getAttribute("aria-selected"), "true");

  await row(page, "Three").click();
  await heading(page, "Three").waitFor();
  await panel(page).getByRole("row", { name: "Subject Three" }).waitFor();
  assert.equal(new URL(page.url()).pathname, "/inbox/default/message/3/headers");

  await page.goBack();
  await heading(page, "Two").waitFor();
  await page.goForward();
  await heading(page, "Three").waitFor();
});

pageTest("everything goes by keys", {}, async ({ page, server }) => {
  await server.send(...three);
  await page.goto("/");
  await row(page, "Three").waitFor();
  const press = key => page.keyboard.press(key);
  const isFocused = subject =>
    until(page, text => document.activeElement?.textContent.includes(text), subject);

  await press("j");
  await isFocused("Three");
  await press("j");
  await isFocused("Two");
  await press("k");
  await isFocused("Three");
  await press("Enter");
  await heading(page, "Three").waitFor();
  await press("2");
  await press("j");
  await heading(page, "Two").waitFor();
  await panel(page).getByText("Text of Two").waitFor();
  for (const [key, name] of [["3", "Source"], ["4", "Headers"], ["5", "Parts"], ["6", "Transcript"], ["7", "Raw"], ["1", "Preview"]]) {
    await press(key);
    await page.getByRole("tab", { name, selected: true }).waitFor();
  }

  await row(page, /^Two/).waitFor();
  await press("u");
  await row(page, "Unread: Two").waitFor();
  await press("#");
  await heading(page, "One").waitFor();
  assert.deepEqual(await subjects(page), ["Three", "One"]);

  await press("Escape");
  await heading(page, "One").waitFor({ state: "detached" });
  await press("?");
  await page.getByRole("dialog", { name: "Keys" }).waitFor();
  await press("Escape");
  await page.getByRole("dialog", { name: "Keys" }).waitFor({ state: "hidden" });
});

pageTest("tabs are one stop, and arrows move between them", {}, async ({ page, server }) => {
  await server.send(...three);
  await page.goto("/inbox/default/message/1");
  await tab(page, "Preview").focus();
  await page.keyboard.press("ArrowRight");
  await page.getByRole("tab", { name: "Text", selected: true }).waitFor();
  await until(page, () => document.activeElement?.textContent === "Text");
  await page.keyboard.press("ArrowLeft");
  await page.keyboard.press("ArrowLeft");
  await page.getByRole("tab", { name: "Raw", selected: true }).waitFor();
});

pageTest("the list can be searched, and the search is in the link", {}, async ({ page, server }) => {
  await server.send(...three);
  await page.goto("/");
  await row(page, "Three").waitFor();
  await page.keyboard.press("/");
  await page.keyboard.type("two");
  await page.getByText("1 match", { exact: true }).waitFor();
  assert.deepEqual(await subjects(page), ["Two"]);
  assert.equal(new URL(page.url()).search, "?query=two");

  await page.reload();
  await page.getByText("1 match", { exact: true }).waitFor();
  await searchField(page).fill("nothing like it");
  await page.getByRole("region", { name: "Messages" }).getByRole("button", { name: "Clear the search" }).click();
  await row(page, "Three").waitFor();
});

const phone = { context: { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true } };

pageTest("a phone shows one thing at a time, with a way back", phone, async ({ page, server }) => {
  const long = "A subject so long that no phone in the world would show it in one line ".repeat(10);
  await server.send(...three, { subject: long, text: `${"word".repeat(500)}` });
  await page.goto("/");
  await row(page, "Two").tap();
  await heading(page, "Two").waitFor();
  await row(page, "Three").waitFor({ state: "hidden" });

  await page.getByRole("link", { name: "Back to the list" }).tap();
  await row(page, /A subject so long/).tap();
  await panel(page).getByText(/^word/).waitFor();
  assert.equal(await page.evaluate(() => document.documentElement.scrollWidth), 390);

  await page.getByRole("link", { name: "Back to the list" }).tap();
  await page.getByRole("link", { name: "Inboxes" }).tap();
  await page.getByRole("navigation", { name: "Inboxes" }).getByRole("link", { name: "default" }).tap();
  await row(page, "Two").waitFor();
});

/** How bright what lies behind the list is, from 0 to 255. */
const brightness = page =>
  page.getByRole("region", { name: "Messages" }).evaluate(element => {
    const [red, green, blue] = getComputedStyle(element).backgroundColor.match(/\d+/g).map(Number);
    return (red + green + blue) / 3;
  });

for (const [colorScheme, isRight] of [
  ["light", bright => bright > 200],
  ["dark", bright => bright < 60],
]) {
  pageTest(`the page is ${colorScheme} where that is wanted`, { context: { colorScheme } }, async context => {
    const { page } = context;
    await page.goto("/");
    await heading(page, "Waiting for mail").waitFor();
    assert.ok(isRight(await brightness(page)));
  });
}
