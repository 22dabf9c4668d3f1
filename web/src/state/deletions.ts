// Messages the user deleted: out of sight at once, deleted on the server a little later, so that it
// can be undone. Deleting more meanwhile joins them, and all of them are undone together.

import { signal } from "@preact/signals";
import { ApiError, deleteMessage, type Message } from "../api";
import { attempt } from "./notice";

const UNDO_MS = 6000;

export class Deletions {
  readonly pending = signal<readonly Message[]>([]);

  /** Ids that are not to be seen: those pending, and for good those deleted. */
  readonly hidden = new Set<number>();

  private timer: ReturnType<typeof setTimeout> | undefined;

  /** `giveBack` gets what was undone, or could not be deleted. */
  constructor(private readonly giveBack: (messages: readonly Message[]) => void) {}

  add(messages: readonly Message[]): void {
    for (const { id } of messages) this.hidden.add(id);
    this.pending.value = [...this.pending.value, ...messages];
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.commit(), UNDO_MS);
  }

  undo(): void {
    this.restore(this.takePending());
  }

  async commit(): Promise<void> {
    await Promise.all(this.takePending().map(message => this.deleteNow(message)));
  }

  private takePending(): readonly Message[] {
    clearTimeout(this.timer);
    const messages = this.pending.value;
    this.pending.value = [];
    return messages;
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
}
