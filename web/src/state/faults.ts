// The fault plan in front of the user: of all sessions, or of one inbox. Hits are counted live.

import { computed, effect, signal, untracked } from "@preact/signals";
import { deleteFaults, type FaultPlan, type FaultWish, getFaults, putFaults } from "../api";
import { route } from "../route";
import { attempt } from "./notice";
import { Resource } from "./resource";

const LOOK_AGAIN_MS = 500; // between two looks at the hits

/** The inbox whose plan is shown, empty for the plan of all sessions; null elsewhere. */
export const faultsOf = computed(() => (route.value.page === "faults" ? route.value.inbox : null));

export const plan = signal<Resource<FaultPlan> | null>(null);

/** The rule that is edited: its place, or the number of rules for one that is new. */
export const editing = signal<number | null>(null);

let lookingAgain: ReturnType<typeof setTimeout> | undefined;

/** Called once. */
export function startFaults(): void {
  effect(() => {
    const inbox = faultsOf.value;
    untracked(() => {
      plan.value?.close();
      plan.value = inbox === null ? null : new Resource(signal => getFaults(inbox, signal));
    });
  });
}

/** Something was done to a session, a fault perhaps. */
export function noteHits(): void {
  if (!plan.value) return;
  lookingAgain ??= setTimeout(() => {
    lookingAgain = undefined;
    void refreshFaults();
  }, LOOK_AGAIN_MS);
}

export async function refreshFaults(): Promise<void> {
  await plan.value?.load();
}

/** What is wrong with the plan is thrown; the old one stays in force then. */
export async function store(wish: FaultWish): Promise<void> {
  const inbox = faultsOf.value;
  if (inbox === null) return;
  plan.value?.set(await putFaults(inbox, wish));
}

/** With a notice instead of an exception. */
export async function storeNow(wish: FaultWish): Promise<void> {
  await attempt(store(wish), "The plan stays as it was");
}

export async function removePlan(): Promise<void> {
  const inbox = faultsOf.value;
  if (inbox === null) return;
  if (await attempt(deleteFaults(inbox), "The plan stays")) await refreshFaults();
}
