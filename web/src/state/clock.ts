// The day it is, for times that are shown without their day.

import { signal } from "@preact/signals";

export const today = signal(new Date().toDateString());

export function startClock(): void {
  setInterval(() => {
    today.value = new Date().toDateString();
  }, 30_000);
}
