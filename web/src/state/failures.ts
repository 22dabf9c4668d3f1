// Sessions that failed since somebody last looked at sessions: as mail is unread until it is opened,
// they are counted until they were in sight.

import { effect, signal, untracked } from "@preact/signals";
import { listSessions } from "../api";
import { Resource } from "./resource";
import { sessions } from "./session-room";
import { seenSession } from "./settings";

export const MOST = 100; // beyond that it does not matter how many
const LOOK_AGAIN_MS = 500; // between two looks while sessions end all the time

export const failures = signal<Resource<number> | null>(null);

let lookingAgain: ReturnType<typeof setTimeout> | undefined;

const all = { before: null, after: null, inbox: "", query: "" };

/** Of another database the numbers begin anew. */
async function forgetOther(signal: AbortSignal): Promise<void> {
  const { items } = await listSessions({ ...all, limit: 1 }, signal);
  if ((items[0]?.id ?? 0) < seenSession.peek()) seenSession.value = 0;
}

async function read(signal: AbortSignal): Promise<number> {
  await forgetOther(signal);
  const request = { ...all, limit: MOST, after: seenSession.peek(), query: "is:failed" };
  const { items } = await listSessions(request, signal);
  return items.filter(({ id }) => id > seenSession.peek()).length; // others were seen meanwhile
}

function noteSeen(): void {
  const list = sessions.value;
  const newest = list?.items.value[0]?.id ?? 0;
  if (!list || list.filter.inbox || list.filter.query || newest <= seenSession.peek()) return;
  seenSession.value = newest;
  untracked(() => failures.value?.set(0));
}

/** Called once. */
export function startFailures(): void {
  failures.value = new Resource(read);
  effect(noteSeen);
}

export async function refreshFailures(): Promise<void> {
  await failures.value?.load();
}

/** A session ended somewhere. */
export function noteFailures(): void {
  lookingAgain ??= setTimeout(() => {
    lookingAgain = undefined;
    void refreshFailures();
  }, LOOK_AGAIN_MS);
}
