// What the tests share: a server of its own for each test, mail sent to it, and a page that is
// watched: a test fails if a script of the page fails, if a rule of its security policy is broken,
// or if it asks anything of another server.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { after, test } from "node:test";
import nodemailer from "nodemailer";
import { chromium } from "playwright-core";

const PATIENCE_MS = 15_000;
const DESKTOP = { width: 1280, height: 800 };

const program = process.env.MAILSTOP_BIN;
if (!program) throw new Error("MAILSTOP_BIN is not set: it is the path of the server to test");

// What is set for the tests or by whoever runs them is not meant for the server.
const environment = Object.fromEntries(
  Object.entries(process.env).filter(([name]) => !name.startsWith("MAILSTOP_")),
);

/** A running server. Ports are free ones, unless it takes over from `previous`. */
export class Server {
  static async start(folder, previous, options = []) {
    const server = new Server();
    server.folder = folder;
    server.process = spawn(program, [
      "--smtp-listen", previous ? `127.0.0.1:${previous.smtpPort}` : "127.0.0.1:0",
      "--http-listen", previous ? new URL(previous.url).host : "127.0.0.1:0",
      "--db", join(folder, "mailstop.db"),
      ...options,
    ], { env: environment, stdio: ["ignore", "pipe", "pipe"] });
    server.log = "";
    server.process.stderr.on("data", text => {
      server.log += text;
    });
    const ready = /^mailstop ready smtp=.*:(\d+) http=(http:\S+)/;
    for await (const line of createInterface({ input: server.process.stdout })) {
      const [, smtpPort, url] = ready.exec(line) ?? [];
      if (!url) continue;
      server.smtpPort = Number(smtpPort);
      server.url = url;
      return server;
    }
    throw new Error(`the server did not start:\n${server.log}`);
  }

  async stop() {
    if (this.process.exitCode !== null || this.process.signalCode !== null) return;
    const exited = once(this.process, "exit");
    this.process.kill("SIGTERM");
    await exited;
  }

  /** Sends messages, one after the other, and returns when the last is stored. */
  async send(...messages) {
    const transport = nodemailer.createTransport({
      host: "127.0.0.1",
      port: this.smtpPort,
      pool: true,
      maxConnections: 1,
    });
    for (const message of messages) {
      await transport.sendMail({ from: "App <app@shop.test>", to: "ann@b.test", ...message });
    }
    transport.close();
  }

  async api(path, init) {
    return fetch(new URL(`api/v1/${path}`, this.url), init);
  }

  /** Subjects in the default inbox, newest first. */
  async subjects() {
    const list = await (await this.api("inboxes/default/messages")).json();
    return list.items.map(({ subject }) => subject);
  }
}

export const PIXEL = Buffer.from(
  "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==",
  "base64",
);

let browser;
after(() => browser?.close());

function launch() {
  return chromium.launch({
    executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
    args: [
      "--no-sandbox",
      "--disable-gpu",
      "--disable-background-networking",
      "--disable-component-update",
      "--disable-sync",
    ],
  });
}

/** Gathers what must not happen in a page. */
function watch(page, server, allowed) {
  const faults = [];
  page.on("pageerror", error => faults.push(`script failed: ${error.stack}`));
  page.on("console", message => {
    const text = message.text();
    if (message.type() === "error" && !allowed.some(pattern => pattern.test(text))) {
      faults.push(`console: ${text}`);
    }
  });
  // Requests that the policy stops in the browser are told of as well; only the others get this far.
  page.on("response", response => {
    const url = response.url();
    const fault = `asked for ${url}`;
    if (url.startsWith(server.url) || /^(data|blob):/.test(url)) return;
    if (!allowed.some(pattern => pattern.test(fault))) faults.push(fault);
  });
  return faults;
}

/**
 * A test with a server and a page. `allowed` are the faults that belong to what is tested;
 * `context` goes to the browser, `options` to the server.
 */
export function pageTest(name, { allowed = [], context = {}, options = [] }, run) {
  test(name, async () => {
    const folder = await mkdtemp(join(tmpdir(), "mailstop-browser-"));
    const server = await Server.start(folder, undefined, options);
    browser ??= await launch();
    const session = await browser.newContext({ viewport: DESKTOP, baseURL: server.url, ...context });
    try {
      const page = await session.newPage();
      page.setDefaultTimeout(PATIENCE_MS);
      const faults = watch(page, server, allowed);
      await run({ page, server, session });
      assert.deepEqual(faults, []);
    } catch (error) {
      error.message += `\n--- server log\n${server.log}`;
      throw error;
    } finally {
      await session.close();
      await server.stop();
      await rm(folder, { recursive: true, force: true });
    }
  });
}

/** Says lines to the server, one after each reply, and then breaks off. */
export async function talk(server, ...lines) {
  const socket = connect(server.smtpPort, "127.0.0.1");
  for (const line of lines) {
    await once(socket, "data");
    socket.write(`${line}\r\n`);
  }
  await once(socket, "data");
  const closed = once(socket, "close");
  socket.destroy();
  await closed;
}

/** Waits until `condition`, run in the page with `argument`, holds. */
export async function until(page, condition, argument) {
  await page.waitForFunction(condition, argument);
}

/** Asks until what is expected is said. */
export async function untilServer(ask, expected) {
  const end = Date.now() + PATIENCE_MS;
  let last;
  while (Date.now() < end) {
    last = await ask();
    try {
      assert.deepEqual(last, expected);
      return;
    } catch {
      await new Promise(resolve => setImmediate(resolve));
    }
  }
  assert.deepEqual(last, expected);
}

// ---- the page, by the names people read

export const row = (page, subject) =>
  page.getByRole("region", { name: "Messages" }).getByRole("link", { name: subject });

export const searchField = page => page.getByRole("combobox", { name: "Search messages" });

export const tab = (page, name) => page.getByRole("tab", { name, exact: true });

export const panel = page => page.getByRole("tabpanel");

export const heading = (page, name) => page.getByRole("heading", { name, exact: true });

/** Subjects of the rows in sight, from the top. */
export const subjects = page => page.locator(".row .row-subject").allInnerTexts();
