// Everyone: axe finds nothing in any view, in the light and in the dark, nor on a phone; 200 % zoom
// and keys alone are enough.

import assert from "node:assert/strict";
import { createRequire } from "node:module";
import { heading, pageTest, row, tab, talk, until } from "./mailstop.mjs";

const axe = createRequire(import.meta.url).resolve("axe-core/axe.min.js");

/** What WCAG 2.2 AA and axe's best practices find wrong, each with where. */
async function violations(page) {
  await page.waitForFunction(() => document.getAnimations().every(a => a.playState !== "running"));
  return page.evaluate(async () => {
    const frames = { iframes: false }; // a mail is not ours to mend
    const { violations } = await window.axe.run(document, frames);
    return violations.flatMap(({ id, nodes }) =>
      nodes.map(({ target, failureSummary }) => `${id} ${target}: ${failureSummary}`),
    );
  });
}

const mail = [
  { subject: "Plain", text: "See https://shop.test/ for more." },
  {
    subject: "Your order",
    html: "<h1>Thank you</h1>",
    text: "Thank you",
    to: Array.from({ length: 9 }, (_, index) => `ann${index}@b.test`),
    attachments: [{ filename: "invoice.pdf", content: "x" }],
  },
];

const pick = async page => {
  await row(page, "Plain").waitFor();
  await page.keyboard.press("A");
};

const open = name => page => page.getByRole("button", { name, exact: true }).click();

/** Where to go, what to do there, and when it is done. */
const views = {
  "an empty inbox": ["/inbox/empty", () => {}, page => heading(page, "Waiting for mail")],
  "the list": ["/", () => {}, page => row(page, "Plain")],
  "a search that finds nothing": ["/?query=zzz", () => {}, page => page.getByText("No message matches")],
  "a bad search": ["/?query=(", () => {}, page => page.getByText("This search cannot be read")],
  "suggestions": [
    "/",
    page => page.getByRole("combobox").fill("from:"),
    page => page.getByRole("option").first(),
  ],
  "picked messages": ["/", pick, page => page.getByText("2 selected")],
  "a message": ["/inbox/default/message/2", () => {}, page => heading(page, "Your order")],
  "text": ["/inbox/default/message/1/text", () => {}, page => tab(page, "Text")],
  "headers": ["/inbox/default/message/2/headers", () => {}, page => page.getByText("MIME-Version")],
  "parts": ["/inbox/default/message/2/parts", () => {}, page => page.getByText("text/html")],
  "source": ["/inbox/default/message/2/source", () => {}, page => page.getByText("Thank you").first()],
  "transcript": ["/inbox/default/message/2/transcript", () => {}, page => page.getByText("DATA", { exact: true })],
  "headers as received": [
    "/inbox/default/message/2/headers",
    page => page.getByRole("button", { name: "As received" }).click(),
    page => page.locator(".header-raw"),
  ],
  "raw": ["/inbox/default/message/2/raw", () => {}, page => page.getByText("MIME-Version")],
  "sessions": ["/sessions", () => {}, page => page.getByRole("table", { name: "Sessions" })],
  "a session": ["/sessions/1", () => {}, page => page.getByRole("table", { name: "What was said" })],
  "faults": ["/faults", () => {}, page => page.getByRole("button", { name: "Add a rule" })],
  "a plan": ["/faults/default", () => {}, page => page.getByRole("list", { name: "Rules" })],
  "a rule": [
    "/faults/default",
    page => page.getByRole("button", { name: "Add a rule" }).click(),
    page => page.getByRole("dialog"),
  ],
  "a plan as JSON": [
    "/faults/default",
    page => page.getByRole("button", { name: "Edit as JSON" }).click(),
    page => page.getByRole("dialog"),
  ],
  "the keys": ["/", open("Keys"), page => page.getByRole("dialog")],
  "the palette": ["/", page => page.keyboard.press("Control+k"), page => page.getByRole("dialog")],
  "settings": ["/", open("Settings"), page => page.getByRole("dialog")],
  "tags": [
    "/",
    async page => {
      await pick(page);
      await page.getByRole("button", { name: "Change tags" }).click();
    },
    page => page.getByRole("dialog"),
  ],
  "a new inbox": ["/inboxes", open("New inbox"), page => page.getByRole("dialog")],
  "settings of an inbox": ["/inbox/empty", open("Inbox settings"), page => page.getByRole("dialog")],
  "how to connect": ["/inbox/empty", open("How to connect"), page => page.getByRole("dialog")],
  "all to be deleted": ["/", open("Delete all messages"), page => page.getByRole("dialog")],
  "no such place": ["/no/such/place", () => {}, page => page.getByRole("alert")],
};

async function fill(server) {
  await talk(server, "EHLO shop.test", "MAIL FROM:<a@b.test>", "RCPT TO:<nobody>", "QUIT");
  await server.send(...mail);
  await server.api("inboxes", {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify({ name: "empty" }),
  });
  await server.api("inboxes/default/faults", {
    method: "PUT",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify({ rules: [{ stage: "quit", delay_ms: 1 }] }),
  });
}

const looks = {
  "in the light": { colorScheme: "light" },
  "in the dark": { colorScheme: "dark" },
  "on a phone": { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true },
};

for (const [look, context] of Object.entries(looks)) {
  const setup = { context: { ...context, reducedMotion: "reduce" }, allowed: [/400/] };
  pageTest(`axe finds nothing ${look}`, setup, async ({ page, server }) => {
    await fill(server);
    await page.addInitScript({ path: axe });
    const found = {};
    for (const [name, [path, act, isThere]] of Object.entries(views)) {
      if (look === "on a phone" && name === "the keys") continue; // there are none
      await page.goto(path);
      await until(page, () => document.querySelector(".connection").dataset.state === "live");
      await act(page);
      await isThere(page).first().waitFor();
      const wrong = await violations(page);
      if (wrong.length > 0) found[name] = wrong;
    }
    assert.deepEqual(found, {});
  });
}

const zoomed = { context: { viewport: { width: 640, height: 400 } } }; // 1280 by 800 at 200 %

pageTest("at 200 % nothing is cut off", zoomed, async ({ page, server }) => {
  await fill(server);
  for (const path of ["/", "/inbox/empty", "/inbox/default/message/2", "/sessions", "/sessions/1", "/faults"]) {
    await page.goto(path);
    await page.getByRole("heading").first().waitFor();
    const { scrollWidth, clientWidth } = await page.evaluate(() => document.documentElement);
    assert.equal(scrollWidth, clientWidth, path);
  }
});
