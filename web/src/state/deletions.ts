// Messages the user deleted: out of sight at once, deleted on the server a little later, so that it
// can be undone. Deleting more meanwhile joins them, and all of them are undone together.

import { signal } from "@preact/signals";
import { ApiError, deleteMessage, deleteWhole, type Message, type Whole } from "../api";
import type { MessageList } from "./messages";
import { attempt } from "./notice";

const UNDO_MS = 6000;

/** All that a list has. */
interface PendingWhole {
  list: MessageList;
  whole: Whole;
  count: number;
}

export class Deletions {
  readonly pending = signal<readonly Message[]>([]);
  readonly pendingWhole = signal<PendingWhole | null>(null);

  /** Ids that are not to be seen: those pending, and for good those deleted. */
  readonly hidden = new Set<number>();

  private timer: ReturnType<typeof setTimeout> | undefined;

  /** `giveBack` gets what was undone, or could not be deleted. */
  constructor(private readonly giveBack: (messages: readonly Message[]) => void) {}

  add(messages: readonly Message[]): void {
    for (const { id } of messages) this.hidden.add(id);
    this.pending.value = [...this.pending.value, ...messages];
    this.wait();
  }

  addWhole(list: MessageList): void {
    const before = this.pendingWhole.value;
    const whole = list.whole();
    const count = list.count.value + (before?.count ?? 0); // of the same list: see leave()
    list.sink(whole);
    this.pendingWhole.value = { list, whole, count };
    this.wait();
  }

  undo(): void {
    const { messages, whole } = this.takePending();
    whole?.list.raise();
    this.restore(messages);
  }

  async commit(): Promise<void> {
    const { messages, whole } = this.takePending();
    const all = messages.map(message => this.deleteNow(message));
    if (whole) all.push(this.deleteWholeNow(whole));
    await Promise.all(all);
  }

  /** Another list is about to be shown: what is hidden of this one by being all of it is deleted. */
  leave(): void {
    if (this.pendingWhole.value) void this.commit();
  }

  private wait(): void {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.commit(), UNDO_MS);
  }

  private takePending() {
    clearTimeout(this.timer);
    const messages = this.pending.value;
    const whole = this.pendingWhole.value;
    this.pending.value = [];
    this.pendingWhole.value = null;
    return { messages, whole };
  }

  private restore(messages: readonly Message[]): void {
    for (const { id } of messages) this.hidden.delete(id);
    this.giveBack(messages);
  }

  private async deleteNow(message: Message): Promise<void> {
    const request = deleteMessage(message.id).catch(error => {
      const isGone = error instanceof ApiError && error.isMissing;
      if (!isGone) throw error; // deleted by somebody else is just as well
    });
    if (!(await attempt(request, "The message was not deleted"))) this.restore([message]);
  }

  private async deleteWholeNow({ list, whole }: PendingWhole): Promise<void> {
    await attempt(deleteWhole(whole), "The messages were not deleted");
    list.raise();
  }
}
