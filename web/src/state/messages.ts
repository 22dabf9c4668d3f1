// The messages of one inbox as far as they are loaded: always the newest ones without a gap. Older
// ones are read when somebody scrolls there, new ones come as news.

import { batch, computed, signal } from "@preact/signals";
import { type ApiError, isAbort, listMessages, type Message, type Page, toApiError } from "../api";
import type { News } from "../live";
import { matcher } from "./filter";
import { change, find, indexOf, merge, without } from "./sorted";

const PAGE = 200;
const FAR_PAGE = 500; // the most the API gives, for those who drag the scroll bar down
const KEEP = 1000; // loaded messages kept while new ones push the others out of sight
const FILTER_REACH = 5000; // how many messages a filter reads before it asks whether to go on

export class MessageList {
  readonly items = signal<readonly Message[]>([]);
  readonly status = signal<"loading" | "ready">("loading");
  readonly error = signal<ApiError | null>(null);
  readonly query = signal("");
  readonly reach = signal(FILTER_REACH);

  /** What is to be seen: all, or those that the query lets through. */
  readonly shown = computed(() => {
    const matches = matcher(this.query.value);
    return matches ? this.items.value.filter(matches) : this.items.value;
  });
  /** Everything there is has been loaded. */
  readonly complete = signal(false);
  readonly total = signal(0);
  /** Known to have no message, rather than none yet. */
  readonly isEmpty = computed(
    () => this.complete.value && this.items.value.length === 0 && !this.error.value,
  );
  /** Rows the list has, counting those not loaded yet. */
  readonly rows = computed(() => {
    const loaded = this.shown.value.length;
    if (this.complete.value || this.query.value) return loaded;
    return Math.max(this.total.value, loaded + 1);
  });

  private readonly deletedMeanwhile = new Set<number>(); // since the read in flight began
  private reading: AbortController | null = null;
  private wanted = 0;

  /** `hidden` are ids that are not to be seen, whatever the server says. */
  constructor(
    readonly inbox: string,
    private readonly hidden: ReadonlySet<number> = new Set(),
  ) {}

  close(): void {
    this.reading?.abort();
  }

  holds(message: Message): boolean {
    const key = this.inbox.toLowerCase();
    return message.inbox.toLowerCase() === key || String(message.inbox_id) === key;
  }

  get(id: number): Message | undefined {
    return find(this.items.value, id);
  }

  /** Reads from the newest on, as far as was loaded before, and keeps what came meanwhile. */
  async refresh(): Promise<void> {
    const limit = Math.min(Math.max(this.items.value.length, PAGE), FAR_PAGE);
    const newestBefore = this.items.value[0]?.id ?? 0;
    const page = await this.read({ limit });
    if (!page) return;
    const known = Math.max(newestBefore, page.items[0]?.id ?? 0);
    const meanwhile = this.items.value.slice(0, indexOf(this.items.value, known));
    this.take(page, merge(meanwhile, page.items), meanwhile.length);
    this.readOlder();
  }

  /** Makes sure that the row `index` gets loaded. */
  want(index: number): void {
    this.wanted = index;
    this.readOlder();
  }

  /** Lets a filter look further back. */
  reachFurther(): void {
    this.reach.value += FILTER_REACH;
    this.readOlder();
  }

  setQuery(query: string): void {
    this.query.value = query;
    this.reach.value = FILTER_REACH;
    this.readOlder();
  }

  apply(events: readonly News[]): void {
    const created = new Map<number, Message>();
    const deleted = new Set<number>();
    let items = this.items.value;
    for (const news of events) {
      if (news.type === "message.created" && this.holds(news.message)) {
        created.set(news.message.id, news.message);
      }
      if (news.type === "message.changed") items = change(items, news.message.id, news.message);
      if (news.type === "message.deleted") deleted.add(news.id);
    }
    const fresh = [...created.values()]
      .filter(({ id }) => !this.hidden.has(id) && !find(items, id))
      .sort((a, b) => b.id - a.id);
    this.total.value += fresh.length;
    this.items.value = merge(items, fresh);
    this.remove(deleted);
    this.trim();
  }

  patch(id: number, fields: Partial<Message>): void {
    this.items.value = change(this.items.value, id, fields);
  }

  remove(ids: ReadonlySet<number>): void {
    const before = this.items.value.length;
    if (this.reading) for (const id of ids) this.deletedMeanwhile.add(id);
    this.items.value = without(this.items.value, ids);
    this.total.value -= before - this.items.value.length;
  }

  putBack(messages: readonly Message[]): void {
    const own = messages.filter(message => this.holds(message)).sort((a, b) => b.id - a.id);
    for (const { id } of own) this.deletedMeanwhile.delete(id);
    this.items.value = merge(this.items.value, own);
    this.total.value += own.length;
  }

  private get needsMore(): boolean {
    if (this.complete.value || this.status.value === "loading" || this.error.value) return false;
    const loaded = this.items.value.length;
    return this.query.value ? loaded < this.reach.value : loaded <= this.wanted + PAGE / 2;
  }

  private async readOlder(): Promise<void> {
    if (this.reading || !this.needsMore) return;
    const items = this.items.value;
    const far = this.wanted - items.length > PAGE || this.query.value !== "";
    const page = await this.read({ limit: far ? FAR_PAGE : PAGE, before: items.at(-1)?.id });
    if (!page) return;
    this.take(page, merge(this.items.value, page.items), 0);
    this.readOlder();
  }

  /** Null if it failed, which `error` then tells, or was given up. */
  private async read(request: {
    limit: number;
    before?: number | undefined;
  }): Promise<Page<Message> | null> {
    this.reading?.abort();
    const reading = new AbortController();
    this.reading = reading;
    this.deletedMeanwhile.clear();
    try {
      const page = await listMessages(this.inbox, request, reading.signal);
      this.error.value = null;
      return page;
    } catch (error) {
      if (!isAbort(error)) this.error.value = toApiError(error);
      return null;
    } finally {
      if (this.reading === reading) this.reading = null;
    }
  }

  private take(page: Page<Message>, items: readonly Message[], newer: number): void {
    batch(() => {
      const gone = new Set([...this.hidden, ...this.deletedMeanwhile]);
      this.items.value = without(items, gone);
      this.complete.value = page.next === null;
      this.total.value = page.total + newer;
      this.status.value = "ready";
    });
  }

  /** Forgets the oldest once a page kept open all day has collected too many. */
  private trim(): void {
    const keep = Math.max(KEEP, this.wanted + PAGE);
    if (this.query.value || this.items.value.length <= keep + PAGE) return;
    this.items.value = this.items.value.slice(0, keep);
    this.complete.value = false;
  }
}
