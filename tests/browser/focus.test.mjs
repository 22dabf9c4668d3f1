// Who works by keys always has the focus somewhere, and finds it where it was left.

import assert from "node:assert/strict";
import { heading, pageTest, row, searchField, subjects, talk, until } from "./mailstop.mjs";

const mail = n => Array.from({ length: n }, (_, index) => ({ subject: `Mail ${index + 1}`, text: "x" }));

const button = (page, name) => page.getByRole("button", { name, exact: true });

/** Waits until it has the focus. */
async function focusIsAt(page, locator) {
  await until(page, element => element === document.activeElement, await locator.elementHandle());
}

pageTest("a dialog gives the focus back, however it is left", {}, async ({ page, server }) => {
  await server.send(...mail(2));
  await page.goto("/");
  await row(page, "Mail 2").waitFor();
  const press = key => page.keyboard.press(key);
  const leave = async (opener, dialogName, way) => {
    const dialog = page.getByRole("dialog", { name: dialogName });
    await button(page, opener).focus();
    await press("Enter");
    await dialog.waitFor();
    await way(dialog);
    await dialog.waitFor({ state: "hidden" });
    await focusIsAt(page, button(page, opener));
  };
  const by = name => dialog => dialog.getByRole("button", { name, exact: true }).press("Enter");

  await leave("Settings", "Settings", () => press("Escape"));
  await leave("Settings", "Settings", by("Close"));
  await leave("New inbox", "New inbox", by("Cancel"));
  await leave("Inbox settings", "Inbox “default”", by("Save")); // and nothing to save is no fault

  await press("j");
  for (const [key, name, ...keys] of [
    ["t", "Tags of 1 message", "a", "b", "Enter"], // a form waits in its first field
    ["Control+k", "Find anything", "Escape"],
  ]) {
    const dialog = page.getByRole("dialog", { name });
    await row(page, "Mail 2").focus();
    await press(key);
    await dialog.waitFor();
    for (const key of keys) await press(key);
    await dialog.waitFor({ state: "hidden" });
    await focusIsAt(page, row(page, /Mail 2.*ab/s));
  }

  await press("Control+k");
  await page.keyboard.type("search");
  await page.getByRole("option", { name: /^Search/ }).first().waitFor();
  await press("Enter");
  await focusIsAt(page, searchField(page));
});

pageTest("a button that goes away with what it did gives the focus to the list", {}, async context => {
  const { page, server } = context;
  await server.send(...mail(4));
  await page.goto("/");
  await row(page, "Mail 4").waitFor();
  const press = async (...keys) => {
    for (const key of keys) await page.keyboard.press(key);
  };
  await press("j", "#");
  await button(page, "Undo").press("Enter");
  await until(page, () => document.activeElement.matches(".row"));
  await press("x");
  await button(page, "Select none").press("Enter");
  await until(page, () => document.activeElement.matches(".row"));
  await press("x");
  await button(page, "Delete selected").press("Enter");
  await until(page, () => document.activeElement.matches(".row"));
  await button(page, "Delete now").press("Enter");
  await until(page, () => document.activeElement.matches(".row"));

  await press("Enter");
  await page.getByRole("tab", { name: "Raw" }).click();
  await press("Escape");
  await page.getByRole("article").waitFor({ state: "detached" });
  await until(page, () => document.activeElement.matches(".row"));
});

pageTest("scrolling by keys goes on to the end, and the list has a stop for Tab", {}, async context => {
  const { page, server } = context;
  await server.send(...mail(120));
  await page.goto("/");
  await row(page, "Mail 120").click();
  await heading(page, "Mail 120").waitFor();
  await row(page, /^Mail 120/).focus();
  const end = await page.evaluate(() => {
    const rows = document.querySelector(".rows");
    return rows.scrollHeight - rows.clientHeight;
  });
  await page.keyboard.press("End");
  await until(page, end => document.querySelector(".rows").scrollTop === end, end);
  await row(page, /Mail 1\s/).waitFor();
  await focusIsAt(page, row(page, /^Mail 120/));
  await page.keyboard.press("Home");
  await until(page, () => document.querySelector(".rows").scrollTop === 0);
  await focusIsAt(page, row(page, /^Mail 120/));
  assert.equal(await page.locator(".rows [tabindex='0']").count(), 1);
});

pageTest("a search that is sent leaves the keys to the list", {}, async ({ page, server }) => {
  await server.send(...mail(3));
  await page.goto("/");
  await row(page, "Mail 3").waitFor();
  await page.keyboard.press("/");
  await page.keyboard.type("mail");
  await page.getByText("3 matches", { exact: true }).waitFor();
  await page.keyboard.press("Enter");
  await page.keyboard.press("j");
  await focusIsAt(page, row(page, "Mail 3"));
  assert.deepEqual(await subjects(page), ["Mail 3", "Mail 2", "Mail 1"]);
  assert.equal(await searchField(page).inputValue(), "mail");
});

pageTest("a session takes the focus, and its row gets it back", {}, async ({ page, server }) => {
  await talk(server, "EHLO a.test");
  await talk(server, "EHLO b.test");
  await page.goto("/sessions");
  await page.getByRole("link", { name: /^Session 2/ }).waitFor();
  for (const key of ["j", "j", "Enter"]) await page.keyboard.press(key);
  await heading(page, "Session 1").waitFor();
  await focusIsAt(page, page.getByRole("article", { name: "Session 1" }));
  await page.keyboard.press("Escape");
  await focusIsAt(page, page.getByRole("link", { name: /^Session 1/ }));
});
