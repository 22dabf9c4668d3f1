// One line that says what just happened or went wrong, until it is closed or the next one comes.

import { signal } from "@preact/signals";

export const notice = signal<string | null>(null);

/** Runs an action of the user's; why it failed is shown. */
export async function attempt(action: Promise<unknown>, failed: string): Promise<boolean> {
  try {
    await action;
    return true;
  } catch (error) {
    notice.value = `${failed}: ${error instanceof Error ? error.message : error}`;
    return false;
  }
}
