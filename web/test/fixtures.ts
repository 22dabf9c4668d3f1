// Messages to test with, and a small server behind `fetch` that keeps them.

import type { Message } from "../src/api";

export function message(id: number, fields: Partial<Message> = {}): Message {
  return {
    id,
    inbox_id: 1,
    inbox: "default",
    session_id: null,
    received_at: "2026-11-23T12:04:31.000Z",
    size: 100,
    envelope: {
      from: "app@shop.test",
      to: ["ann@b.test"],
      body: null,
      smtputf8: false,
      ret: null,
      envid: null,
      recipients: [{ address: "ann@b.test", notify: [], orcpt: null }],
    },
    client: { ip: "127.0.0.1", helo: "app", tls: null, cipher: null, username: null },
    from: [{ name: "App", address: "app@shop.test" }],
    sender: null,
    reply_to: [],
    to: [{ name: "", address: "ann@b.test" }],
    cc: [],
    bcc: [],
    subject: `Message ${id}`,
    date: null,
    message_id: `${id}@shop.test`,
    preview: "",
    has_html: false,
    has_text: true,
    attachments: [],
    read: false,
    pinned: false,
    tags: [],
    warnings: [],
    ...fields,
  };
}

/** Messages with the ids from `last` down to `first`. */
export function range(first: number, last: number): Message[] {
  return Array.from({ length: last - first + 1 }, (_, index) => message(last - index));
}

export function ids(messages: readonly Message[]): number[] {
  return messages.map(({ id }) => id);
}

const badQuery = {
  detail: "The query cannot be read, at position 0: this parenthesis is not closed",
  errors: [{ field: "query", detail: "this parenthesis is not closed", position: 0 }],
};

export class FakeServer {
  messages: Message[] = []; // newest first
  requests: string[] = [];
  /** While set, every answer waits for it. */
  gate: Promise<void> | null = null;
  failure: Error | Response | null = null;

  install(): void {
    globalThis.fetch = (input, init) => this.answer(new URL(String(input)), init ?? {});
  }

  private async answer(url: URL, init: RequestInit): Promise<Response> {
    const path = url.pathname.replace("/api/v1/", "");
    this.requests.push(`${init.method ?? "GET"} ${path}${url.search}`);
    const { failure } = this;
    // what was true when it was asked
    const answer = failure ? null : this.route(path, url.searchParams, init);
    await this.gate;
    init.signal?.throwIfAborted();
    if (failure instanceof Error) throw failure;
    return answer ?? (failure as Response).clone();
  }

  private route(path: string, query: URLSearchParams, init: RequestInit): Response {
    const [what, key, sub] = path.split("/");
    if (path === "messages" && init.method === "PATCH") return this.mark(String(init.body));
    if (what === "inboxes" && sub === "messages") {
      if (init.method === "PATCH") return this.markWhole(String(init.body));
      return init.method === "DELETE" ? this.clear(query) : this.page(query);
    }
    const found = this.messages.find(({ id }) => String(id) === key);
    if (what !== "messages" || !found) {
      return Response.json({ title: "Not Found", detail: `no ${path}` }, { status: 404 });
    }
    if (init.method === "DELETE") this.messages = this.messages.filter(({ id }) => id !== found.id);
    return Response.json(found);
  }

  private mark(body: string): Response {
    const { ids, set } = JSON.parse(body) as { ids: number[]; set: Partial<Message> };
    const marked = this.messages.filter(({ id }) => ids.includes(id));
    for (const message of marked) Object.assign(message, set);
    return Response.json({ changed: marked.length });
  }

  private markWhole(body: string): Response {
    const { query = "", before, set } = JSON.parse(body);
    const marked = this.find(query).filter(({ id }) => id < before);
    for (const message of marked) Object.assign(message, set);
    return Response.json({ changed: marked.length });
  }

  private find(text: string | null): Message[] {
    return this.messages.filter(({ subject }) => !text || subject.includes(text));
  }

  private page(query: URLSearchParams): Response {
    const limit = Number(query.get("limit"));
    const before = Number(query.get("before") ?? Number.POSITIVE_INFINITY);
    const wanted = query.get("query");
    if (wanted === "(") return Response.json(badQuery, { status: 400 });
    const found = this.find(wanted);
    const older = found.filter(({ id }) => id < before);
    const items = older.slice(0, limit);
    const next = older.length > limit ? items.at(-1)?.id : null;
    return Response.json({ items, total: found.length, next });
  }

  private clear(query: URLSearchParams): Response {
    const before = Number(query.get("before") ?? Number.POSITIVE_INFINITY);
    const gone = new Set(this.find(query.get("query")).filter(({ id }) => id < before));
    this.messages = this.messages.filter(message => !gone.has(message));
    return Response.json({ deleted: gone.size });
  }
}

/** Timers that run when they are told to. */
export class FakeClock {
  private now = 0;
  private timers = new Map<number, { at: number; run: () => void }>();
  private last = 0;
  private readonly real = {
    setTimeout: globalThis.setTimeout,
    clearTimeout: globalThis.clearTimeout,
  };

  install(): void {
    this.timers.clear();
    const set = (run: () => void, pause = 0) => {
      this.timers.set(++this.last, { at: this.now + pause, run });
      return this.last;
    };
    Object.assign(globalThis, {
      setTimeout: set,
      clearTimeout: (id: number) => this.timers.delete(id),
    });
  }

  uninstall(): void {
    Object.assign(globalThis, this.real);
  }

  tick(pause: number): void {
    this.now += pause;
    for (const [id, timer] of [...this.timers]) {
      if (timer.at > this.now) continue;
      this.timers.delete(id);
      timer.run();
    }
  }
}

/** Lets everything that is under way finish. */
export async function settle(): Promise<void> {
  for (let turn = 0; turn < 20; turn++) await new Promise(resolve => setImmediate(resolve));
}
