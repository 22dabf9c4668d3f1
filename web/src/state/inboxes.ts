// The inboxes with their counts, and what the server says of itself. Both are small and read anew
// whenever there is news, so that no count can drift.

import { computed, signal } from "@preact/signals";
import {
  type ApiError,
  getInbox,
  getInfo,
  type Inbox,
  type Info,
  isAbort,
  listInboxes,
  toApiError,
} from "../api";
import { route } from "../route";

export const DEFAULT = "default";
const SHOWN = 200; // with the default inbox and the one to be seen, wherever those are

/** The default inbox, then the others, newest first. */
export const inboxes = signal<readonly Inbox[]>([]);
/** How many there are beside those. */
export const moreInboxes = signal(0);
export const inboxesError = signal<ApiError | null>(null);
export const info = signal<Info | null>(null);

let seenLast = DEFAULT;

/** The name of the inbox to be seen, empty for all of them; elsewhere, of the one that was. */
export const inboxName = computed(() => {
  if (route.value.page === "inbox") seenLast = route.value.inbox;
  return seenLast;
});

function find(items: readonly Inbox[], nameOrId: string): Inbox | undefined {
  const name = nameOrId.toLowerCase();
  return items.find(item => item.name.toLowerCase() === name || String(item.id) === name);
}

export const inboxTitle = computed(() => inboxName.value || "All inboxes");

export const inbox = computed(() => find(inboxes.value, inboxName.value));

/** In what is to be seen; 0 where not all inboxes are known. */
export const unread = computed(() => {
  if (inboxName.value) return inbox.value?.unread_count ?? 0;
  if (moreInboxes.value > 0) return 0;
  return inboxes.value.reduce((sum, { unread_count }) => sum + unread_count, 0);
});

const PAUSE_MS = 250; // between two readings while news pours in

let reading = false;
let again = false;

/** Undefined if there is no such inbox. */
async function readInbox(name: string, signal: AbortSignal): Promise<Inbox | undefined> {
  try {
    return await getInbox(name, signal);
  } catch (error) {
    if (toApiError(error).isMissing) return undefined;
    throw error;
  }
}

function show(items: Inbox[]): void {
  const rank = (item: Inbox) => (item.name === DEFAULT ? 0 : 1);
  inboxes.value = items.sort((a, b) => rank(a) - rank(b) || b.id - a.id);
}

/** One that was made or changed here is shown before the server is asked again. */
export function noteInbox(inbox: Inbox): void {
  show([...inboxes.value.filter(({ id }) => id !== inbox.id), inbox]);
}

async function readInboxes(signal: AbortSignal): Promise<void> {
  const { items, total } = await listInboxes(SHOWN, signal);
  for (const name of [DEFAULT, inboxName.peek()]) {
    const missing = !name || find(items, name) ? undefined : await readInbox(name, signal);
    if (missing) items.push(missing);
  }
  show(items);
  moreInboxes.value = Math.max(0, total - items.length);
}

export async function refreshInboxes(): Promise<void> {
  again = reading;
  if (reading) return;
  reading = true;
  try {
    await readInboxes(AbortSignal.timeout(10_000));
    inboxesError.value = null;
  } catch (error) {
    if (!isAbort(error)) inboxesError.value = toApiError(error);
  }
  setTimeout(() => {
    reading = false;
    if (again) void refreshInboxes();
  }, PAUSE_MS);
}

export async function refreshInfo(): Promise<void> {
  try {
    info.value = await getInfo(AbortSignal.timeout(10_000));
  } catch {
    // Where to connect is told once the server answers again; the lists say that it does not.
  }
}

export interface Target {
  host: string;
  port: number;
  login: { username: string; password: string } | null; // none is needed
}

/** Where applications are to send their mail, as far as known. */
export const smtp = computed((): Target | null => {
  for (const { protocol, host, port } of info.value?.listeners ?? []) {
    const anywhere = ["0.0.0.0", "::", "[::]", ""].includes(host);
    if (protocol === "smtp" && port !== null)
      return { host: anywhere ? location.hostname : host, port, login: null };
  }
  return null;
});

const ANY = "any"; // where any password will do

/** How to send to an inbox, if it is known. Without a login mail goes to the default one. */
export function targetOf(name: string): Target | null {
  const server = smtp.value;
  const own = find(inboxes.value, name);
  if (!server || (!own && name)) return null;
  if (!own || own.name === DEFAULT) return server;
  const { username, password } = own.smtp;
  return { ...server, login: { username, password: password ?? ANY } };
}

/** The same for the inbox that is to be seen. */
export const target = computed(() => targetOf(inboxName.value));
