// The messages of one inbox or of all, or what a search finds of them, as far as they are loaded: always the
// newest ones without a gap. Older ones are read when somebody scrolls there, new ones come as news;
// what a search finds only the server knows, so that news makes it look again.

import { batch, computed, signal } from "@preact/signals";
import { type ApiError, isAbort, listMessages, type Message, type Page, toApiError, type Whole } from "../api";
import type { News } from "../live";
import { change, find, indexOf, merge, without } from "./sorted";

const PAGE = 200;
const FAR_PAGE = 500; // the most the API gives, for those who drag the scroll bar down
const KEEP = 1000; // loaded messages kept while new ones push the others out of sight
const LOOK_AGAIN_MS = 250; // between two looks of a search while news pours in

export class MessageList {
  readonly items = signal<readonly Message[]>([]);
  readonly status = signal<"loading" | "ready">("loading");
  readonly error = signal<ApiError | null>(null);
  readonly query = signal("");
  /** The query that `items` are of: what was there stays until the new ones have come. */
  readonly applied = signal("");

  /** What was seen last without a search, to complete queries from. */
  known: readonly Message[] = [];

  /** Everything there is has been loaded. */
  readonly complete = signal(false);
  readonly total = signal(0);
  /** Known to have no message, rather than none yet. */
  readonly isEmpty = computed(
    () => !this.applied.value && !this.query.value && !this.error.value && this.findsNothing,
  );
  /** Rows the list has, counting those not loaded yet. */
  readonly rows = computed(() => {
    const loaded = this.items.value.length;
    return this.complete.value ? loaded : Math.max(this.total.value, loaded + 1);
  });
  /** How many there are, of those that may be seen. */
  readonly count = computed(() =>
    this.complete.value ? this.items.value.length : this.total.value,
  );
  /** What is wrong with the query. */
  readonly queryError = computed(() => {
    const error = this.error.value;
    return this.query.value && error?.status === 400 ? error : null;
  });

  /** Older ones are not to be seen: they are about to be deleted. */
  private floor = 0;
  private isClosed = false;

  private readonly deletedMeanwhile = new Set<number>(); // since the read in flight began
  private reading: AbortController | null = null;
  private lookingAgain: ReturnType<typeof setTimeout> | undefined;
  private wanted = 0;

  /** `hidden` are ids that are not to be seen, whatever the server says. */
  constructor(
    readonly inbox: string, // empty for all
    private readonly hidden: ReadonlySet<number> = new Set(),
    query = "",
  ) {
    this.query.value = query;
    this.applied.value = query;
  }

  close(): void {
    this.isClosed = true;
    this.reading?.abort();
    clearTimeout(this.lookingAgain);
  }

  get findsNothing(): boolean {
    return this.complete.value && this.items.value.length === 0;
  }

  holds(message: Message): boolean {
    const key = this.inbox.toLowerCase();
    return key === "" || message.inbox.toLowerCase() === key || String(message.inbox_id) === key;
  }

  get(id: number): Message | undefined {
    return find(this.items.value, id);
  }

  /** Reads from the newest on, as far as was loaded before, and keeps what came meanwhile. */
  async refresh(): Promise<void> {
    const query = this.query.value;
    const isSame = query === this.applied.value;
    const length = isSame ? this.items.value.length : 0;
    const newestBefore = this.items.value[0]?.id ?? 0;
    const page = await this.read({ limit: Math.min(Math.max(length, PAGE), FAR_PAGE) });
    if (!page) return;
    const known = Math.max(newestBefore, page.items[0]?.id ?? 0);
    const meanwhile = query ? [] : this.items.value.slice(0, indexOf(this.items.value, known));
    this.take(page, merge(meanwhile, page.items), meanwhile.length);
    this.readOlder();
  }

  /** Makes sure that the row `index` gets loaded. */
  want(index: number): void {
    this.wanted = index;
    this.readOlder();
  }

  setQuery(query: string): void {
    if (query === this.query.value) return;
    this.query.value = query;
    this.wanted = 0;
    this.floor = 0;
    void this.refresh();
  }

  /** Returns the ids of those that went because of limits. */
  apply(events: readonly News[]): ReadonlySet<number> {
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
    const isSearch = this.query.value !== "" || this.applied.value !== "";
    this.items.value = isSearch ? items : merge(items, fresh);
    if (!isSearch) this.total.value += fresh.length;
    else if (fresh.length > 0) this.lookAgainSoon();
    this.remove(deleted);
    const pruned = this.prune(events);
    this.trim();
    return pruned;
  }

  /** Everything that is there, loaded or not. */
  whole(): Whole {
    const before = (this.items.value[0]?.id ?? 0) + 1;
    return { inbox: this.inbox, query: this.applied.value, before };
  }

  /** It goes out of sight. */
  sink({ before }: Whole): void {
    this.floor = before;
    batch(() => {
      this.items.value = this.items.value.filter(({ id }) => id >= before);
      this.complete.value = true;
      this.total.value = this.items.value.length;
    });
  }

  /** What is still there of it is seen again. */
  raise(): void {
    this.floor = 0;
    if (!this.isClosed) void this.refresh();
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

  /** The oldest went that are not pinned: as many of those loaded as there are too many now. */
  private prune(events: readonly News[]): ReadonlySet<number> {
    const items = this.items.value;
    let count = 0;
    for (const news of events) {
      if (news.type === "messages.pruned" && (!this.inbox || news.inboxId === items[0]?.inbox_id)) {
        count += news.count;
      }
    }
    if (count === 0) return new Set();
    if (this.query.value || this.applied.value || !this.inbox) {
      this.lookAgainSoon();
      return new Set();
    }
    const total = Math.max(this.total.value - count, 0);
    const loose = items.filter(({ pinned }) => !pinned).map(({ id }) => id);
    const excess = Math.min(Math.max(items.length - total, 0), loose.length);
    const pruned = new Set(loose.slice(loose.length - excess));
    this.remove(pruned);
    this.total.value = total;
    return pruned;
  }

  private lookAgainSoon(): void {
    this.lookingAgain ??= setTimeout(() => {
      this.lookingAgain = undefined;
      if (this.reading) this.lookAgainSoon();
      else void this.refresh();
    }, LOOK_AGAIN_MS);
  }

  private get needsMore(): boolean {
    if (this.complete.value || this.status.value === "loading" || this.error.value) return false;
    return this.items.value.length <= this.wanted + PAGE / 2;
  }

  private async readOlder(): Promise<void> {
    if (this.reading || !this.needsMore) return;
    const items = this.items.value;
    const far = this.wanted - items.length > PAGE;
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
      const query = this.query.value;
      const page = await listMessages(this.inbox, { ...request, query }, reading.signal);
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
      this.items.value = without(items, gone).filter(({ id }) => id >= this.floor);
      this.applied.value = this.query.value;
      if (!this.query.value) this.known = this.items.value;
      this.complete.value = page.next === null || this.floor > 0;
      this.total.value = this.floor > 0 ? this.items.value.length : page.total + newer;
      this.status.value = "ready";
    });
  }

  /** Forgets the oldest once a page kept open all day has collected too many. */
  private trim(): void {
    const keep = Math.max(KEEP, this.wanted + PAGE);
    if (this.items.value.length <= keep + PAGE) return;
    this.items.value = this.items.value.slice(0, keep);
    this.complete.value = false;
  }
}
