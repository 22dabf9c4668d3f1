// What is in front of the user among sessions: the table, and the one that is open. The route
// decides which.

import { computed, effect, signal, untracked } from "@preact/signals";
import { getSession, type Transcript } from "../api";
import { navigate, route, type SessionsRoute } from "../route";
import { Resource } from "./resource";
import { SessionList } from "./sessions";
import { indexOf } from "./sorted";

const place = computed(() => (route.value.page === "sessions" ? route.value : null));

export const sessionId = computed(() => place.value?.session ?? null);

/** The row the keyboard is at; the open session if there is one. */
export const sessionCursor = signal<number | null>(null);

/** Null while something else is shown. */
export const sessions = signal<SessionList | null>(null);
export const openSession = signal<Resource<Transcript> | null>(null);

const filterKey = computed(() => {
  if (!place.value) return null;
  const { inbox, failed, query } = place.value;
  return JSON.stringify({ inbox, failed, query });
});

/** Keeps table and open session in step with the route. Called once. */
export function startSessions(): void {
  effect(() => showList(filterKey.value));
  effect(() => showSession(sessionId.value));
}

function showList(key: string | null): void {
  untracked(() => {
    sessions.value?.close();
    sessions.value = key === null ? null : new SessionList(JSON.parse(key));
    void sessions.value?.refresh();
  });
}

function showSession(id: number | null): void {
  untracked(() => {
    openSession.value?.close();
    openSession.value = id === null ? null : new Resource(signal => getSession(id, signal));
    if (id !== null) sessionCursor.value = id;
  });
}

export async function refreshSessions(): Promise<void> {
  await Promise.all([sessions.value?.refresh(), openSession.value?.load()]);
}

/** A session ended somewhere. */
export function noteSession(): void {
  sessions.value?.lookAgainSoon();
}

export const ALL_SESSIONS: SessionsRoute = {
  page: "sessions",
  inbox: "",
  failed: false,
  query: "",
  session: null,
};

/** Where a change of what is shown leads. */
export function sessionsPlace(fields: Partial<SessionsRoute> = {}): SessionsRoute {
  return { ...(place.value ?? ALL_SESSIONS), ...fields };
}

export function filterSessions(fields: Partial<SessionsRoute>): void {
  navigate(sessionsPlace({ ...fields, session: null }), { replace: true });
}

export function openSessionAt(id: number | null): void {
  navigate(sessionsPlace({ session: id }));
}

/** Moves by `delta` rows; what is open moves along. */
export function stepSession(delta: number): void {
  const items = sessions.value?.items.value ?? [];
  const at = sessionCursor.value === null ? -1 : indexOf(items, sessionCursor.value);
  const next = items[at === -1 ? 0 : Math.min(Math.max(at + delta, 0), items.length - 1)];
  if (!next) return;
  sessionCursor.value = next.id;
  if (sessionId.value !== null) navigate(sessionsPlace({ session: next.id }), { replace: true });
}
