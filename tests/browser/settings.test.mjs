// What a person sets holds in this browser; where that cannot be, it is said.

import assert from "node:assert/strict";
import { heading, pageTest, row, until } from "./mailstop.mjs";

const isDark = () => getComputedStyle(document.body).backgroundColor === "rgb(15, 17, 21)";

pageTest("colours are chosen, and kept", { context: { colorScheme: "light" } }, async ({ page }) => {
  await page.goto("/");
  assert.equal(await page.evaluate(isDark), false);
  await page.keyboard.press(",");
  await page.getByRole("dialog", { name: "Settings" }).getByLabel("Dark").check();
  await until(page, isDark);
  await page.reload();
  await heading(page, "Waiting for mail").waitFor();
  assert.equal(await page.evaluate(isDark), true);
});

pageTest("a key is heard as soon as there is something to see", {}, async ({ page }) => {
  await page.addInitScript(() => {
    new MutationObserver((_, observer) => {
      if (!document.querySelector("main")) return;
      observer.disconnect();
      document.body.dispatchEvent(new KeyboardEvent("keydown", { key: ",", bubbles: true }));
    }).observe(document, { childList: true, subtree: true });
  });
  await page.goto("/");
  await page.getByRole("dialog", { name: "Settings" }).waitFor();
});

pageTest("a browser that blocks storage still shows the page", {}, async ({ page }) => {
  await page.addInitScript(() => {
    Object.defineProperty(window, "localStorage", {
      get: () => {
        throw new DOMException("blocked", "SecurityError");
      },
    });
  });
  await page.goto("/");
  await page.getByRole("button", { name: "Settings", exact: true }).click();
  await page.getByText("This browser blocks storage").waitFor();
});

const allowed = { context: { permissions: ["notifications"] } };

pageTest("mail is told of while the page is out of sight", allowed, async ({ page, server }) => {
  await page.addInitScript(() => {
    window.told = [];
    window.Notification = class {
      static permission = "granted";
      static requestPermission = async () => "granted";
      constructor(title, { body }) {
        window.told.push(`${title} ${body}`);
        window.lastNotification = this;
      }
    };
    Object.defineProperty(document, "hidden", { get: () => window.isHidden ?? false });
  });
  await page.goto("/");
  await page.getByRole("status").getByText("Live").waitFor();
  await page.getByRole("button", { name: "Settings", exact: true }).click();
  await page.getByLabel("Tell of new mail").check();
  await page.keyboard.press("Escape");
  await server.send({ subject: "In sight", text: "x" });
  await row(page, "In sight").waitFor();
  await page.evaluate(() => {
    window.isHidden = true;
  });
  await server.send({ subject: "Out of sight", text: "x" });
  await until(page, () => window.told.length > 0);
  assert.deepEqual(await page.evaluate(() => window.told), ["Out of sight in default"]);
  await page.evaluate(() => window.lastNotification.onclick());
  await heading(page, "Out of sight").waitFor();
});

pageTest("what the browser does not allow is said, and not ticked", {}, async ({ page }) => {
  await page.addInitScript(() => {
    window.Notification = class {
      static permission = "denied";
      static requestPermission = async () => "denied";
    };
  });
  await page.goto("/");
  await page.getByRole("button", { name: "Settings", exact: true }).click();
  const box = page.getByLabel("Tell of new mail");
  await box.click();
  await page.getByText("The browser does not allow it").waitFor();
  assert.equal(await box.isChecked(), false);
});
