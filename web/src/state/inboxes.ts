// The inboxes with their counts, and what the server says of itself. Both are small and read anew
// whenever there is news, so that no count can drift.

import { computed, signal } from "@preact/signals";
import {
  type ApiError,
  getInfo,
  type Inbox,
  type Info,
  isAbort,
  listInboxes,
  toApiError,
} from "../api";
import { route } from "../route";

export const inboxes = signal<readonly Inbox[]>([]);
export const inboxesError = signal<ApiError | null>(null);
export const info = signal<Info | null>(null);

/** The name of the inbox to be seen. */
export const inboxName = computed(() =>
  route.value.page === "inbox" ? route.value.inbox : "default",
);

export const inbox = computed(() => {
  const name = inboxName.value.toLowerCase();
  return inboxes.value.find(item => item.name.toLowerCase() === name || String(item.id) === name);
});

const PAUSE_MS = 250; // between two readings while news pours in

let reading = false;
let again = false;

export async function refreshInboxes(): Promise<void> {
  again = reading;
  if (reading) return;
  reading = true;
  try {
    inboxes.value = await listInboxes(AbortSignal.timeout(10_000));
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

/** Where applications are to send their mail, as far as known. */
export const smtp = computed(() => {
  const listener = info.value?.listeners.find(({ protocol }) => protocol === "smtp");
  if (!listener) return null;
  const anywhere = ["0.0.0.0", "::", "[::]", ""].includes(listener.host);
  return { host: anywhere ? location.hostname : listener.host, port: listener.port };
});
