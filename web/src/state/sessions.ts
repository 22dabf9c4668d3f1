// SMTP sessions as far as they are loaded, newest first: all of them, of one inbox, or those that a
// search finds. A page of the server may be short; its cursor says where to go on.

import { batch, computed, signal } from "@preact/signals";
import { type ApiError, isAbort, listSessions, type Session, toApiError } from "../api";
import { indexOf, merge } from "./sorted";

const PAGE = 100;
const LOOK_AGAIN_MS = 500; // between two looks while sessions end all the time

export interface SessionFilter {
  inbox: string; // empty for all
  failed: boolean;
  query: string;
}

/** As the server takes it. */
export function sessionQuery({ failed, query }: SessionFilter): string {
  return [failed ? "is:failed" : "", query].filter(Boolean).join(" ");
}

export class SessionList {
  readonly items = signal<readonly Session[]>([]);
  readonly status = signal<"loading" | "ready">("loading");
  readonly error = signal<ApiError | null>(null);
  readonly complete = signal(false);
  readonly total = signal(0);
  /** Rows there are, counting those not loaded yet. */
  readonly rows = computed(() => {
    const loaded = this.items.value.length;
    if (this.complete.value) return loaded;
    return this.isFiltered ? loaded + 1 : Math.max(this.total.value, loaded + 1);
  });

  private next: number | null = null;
  private reading: AbortController | null = null;
  private lookingAgain: ReturnType<typeof setTimeout> | undefined;
  private wanted = 0;

  constructor(readonly filter: SessionFilter) {}

  get isFiltered(): boolean {
    return this.filter.failed || this.filter.query !== "";
  }

  close(): void {
    this.reading?.abort();
    clearTimeout(this.lookingAgain);
  }

  /** Reads the newest; what was loaded of older ones stays, for it does not change. */
  async refresh(): Promise<void> {
    const page = await this.read(null);
    if (!page) return;
    const oldest = page.items.at(-1)?.id ?? 0;
    const known = this.items.value;
    const older = page.next === null ? [] : known.slice(indexOf(known, oldest));
    batch(() => {
      this.items.value = merge(older, page.items);
      this.total.value = page.total;
      this.status.value = "ready";
      if (older.length > 0) return;
      this.next = page.next;
      this.complete.value = page.next === null;
    });
    void this.readOlder();
  }

  lookAgainSoon(): void {
    this.lookingAgain ??= setTimeout(() => {
      this.lookingAgain = undefined;
      if (this.reading) this.lookAgainSoon();
      else void this.refresh();
    }, LOOK_AGAIN_MS);
  }

  /** Makes sure that the row `index` gets loaded. */
  want(index: number): void {
    this.wanted = index;
    void this.readOlder();
  }

  private async readOlder(): Promise<void> {
    const isEnough = this.items.value.length > this.wanted + PAGE / 2;
    if (this.reading || isEnough || this.next === null || this.error.value) return;
    const page = await this.read(this.next);
    if (!page) return;
    batch(() => {
      this.items.value = merge(this.items.value, page.items);
      this.next = page.next;
      this.complete.value = page.next === null;
    });
    void this.readOlder();
  }

  private async read(before: number | null) {
    this.reading?.abort();
    const reading = new AbortController();
    this.reading = reading;
    try {
      const { inbox } = this.filter;
      const request = { limit: PAGE, before, after: null, inbox, query: sessionQuery(this.filter) };
      const page = await listSessions(request, reading.signal);
      this.error.value = null;
      return page;
    } catch (error) {
      if (!isAbort(error)) this.error.value = toApiError(error);
      return null;
    } finally {
      if (this.reading === reading) this.reading = null;
    }
  }
}
