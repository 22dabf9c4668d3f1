// News from the server (Server-Sent Events): typed, gathered into batches, and connected again by
// itself. What happened while there was no connection is not replayed: whoever listens reads its
// data anew each time `opened` is called.

import { apiUrl, type Message } from "./api";

export type News =
  | { type: "message.created"; message: Message }
  | { type: "message.changed"; message: Pick<Message, "id"> & Partial<Message> }
  | { type: "message.deleted"; id: number }
  | { type: "messages.pruned"; inboxId: number; count: number }
  | { type: "inboxes" }
  | { type: "sessions" };

export interface Listener {
  opened(): void; // read everything anew; also after the server said that news was lost
  news(batch: News[]): void;
  lost(): void;
}

const BATCH_MS = 50; // a burst of a thousand messages is drawn a few times, not a thousand
const RETRY_MS = [250, 500, 1000, 2000, 4000];

type Decode = (data: Message & { count: number }) => News | "reset";

const decoders: Record<string, Decode> = {
  "message.created": data => ({ type: "message.created", message: data }),
  "message.changed": data => ({ type: "message.changed", message: data }),
  "message.deleted": data => ({ type: "message.deleted", id: data.id }),
  "messages.cleared": () => "reset",
  "messages.pruned": data => ({
    type: "messages.pruned",
    inboxId: data.inbox_id,
    count: data.count,
  }),
  "session.closed": () => ({ type: "sessions" }),
  "inbox.created": () => ({ type: "inboxes" }),
  "inbox.changed": () => ({ type: "inboxes" }),
  "inbox.deleted": () => "reset",
  reset: () => "reset",
};

/** Listens until the function it returns is called. */
export function listen(listener: Listener): () => void {
  let source: EventSource | undefined;
  let retry: ReturnType<typeof setTimeout> | undefined;
  let flushing: ReturnType<typeof setTimeout> | undefined;
  let attempts = 0;
  let batch: News[] = [];
  let reset = false;

  function flush(): void {
    const news = batch;
    flushing = undefined;
    batch = [];
    if (reset) listener.opened();
    else listener.news(news);
    reset = false;
  }

  function receive(decode: Decode, event: MessageEvent<string>): void {
    const news = decode(event.data ? JSON.parse(event.data) : {});
    if (news === "reset") reset = true;
    else batch.push(news);
    flushing ??= setTimeout(flush, BATCH_MS);
  }

  function connect(): void {
    source = new EventSource(apiUrl("events"));
    source.onopen = () => {
      attempts = 0;
      listener.opened();
    };
    source.onerror = () => {
      source?.close(); // its own pauses are too long, and after some errors it gives up
      listener.lost();
      retry = setTimeout(connect, RETRY_MS[Math.min(attempts++, RETRY_MS.length - 1)]);
    };
    for (const [type, decode] of Object.entries(decoders)) {
      source.addEventListener(type, event => receive(decode, event));
    }
  }

  connect();
  return () => {
    source?.close();
    clearTimeout(retry);
    clearTimeout(flushing);
  };
}
