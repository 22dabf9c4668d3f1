// Something read from the server once: loading, there, or failed. Reading it again gives up the
// reading before.

import { signal } from "@preact/signals";
import { type ApiError, isAbort, toApiError } from "../api";

export type Loadable<T> =
  | { status: "loading" }
  | { status: "ready"; data: T }
  | { status: "failed"; error: ApiError };

export class Resource<T> {
  readonly state = signal<Loadable<T>>({ status: "loading" });
  private reading = new AbortController();

  constructor(private readonly get: (signal: AbortSignal) => Promise<T>) {
    void this.load();
  }

  get data(): T | undefined {
    return this.state.value.status === "ready" ? this.state.value.data : undefined;
  }

  async load(): Promise<void> {
    this.close();
    this.reading = new AbortController();
    const { signal: mine } = this.reading;
    try {
      this.state.value = { status: "ready", data: await this.get(mine) };
    } catch (error) {
      if (!isAbort(error)) this.state.value = { status: "failed", error: toApiError(error) };
    }
  }

  /** Reads it if it could not be read. */
  async retry(): Promise<void> {
    if (this.state.peek().status === "failed") await this.load();
  }

  set(data: T): void {
    this.state.value = { status: "ready", data };
  }

  close(): void {
    this.reading.abort();
  }
}
