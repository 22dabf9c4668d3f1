// Everything that can be done by key, in one table: the keyboard runs it and the help shows it.

import { signal } from "@preact/signals";
import { route, tabs } from "./route";
import {
  closeMessage,
  current,
  markRead,
  openId,
  openMessage,
  remove,
  showTab,
  step,
} from "./state/mailbox";
import { openSessionAt, sessionCursor, sessionId, stepSession } from "./state/session-room";

export interface Command {
  title: string;
  keys: string[]; // KeyboardEvent.key
  shown?: string; // instead of the keys
  run(): void;
}

/** What lies over the page, if anything. */
export type Overlay = "help" | "clear" | "connect" | "inbox" | "new-inbox" | "delete-inbox";
export const overlay = signal<Overlay | null>(null);

export function closeOverlay(): void {
  overlay.value = null;
}

/** Each change asks for the focus to go to the search field. */
export const searchFocus = signal(0);

function withCurrent(action: (message: NonNullable<ReturnType<typeof current>>) => void): void {
  const message = current();
  if (message) action(message);
}

/** Messages or sessions, whichever are shown. */
const isSessions = () => route.value.page === "sessions";

function openCurrent(): void {
  if (!isSessions()) withCurrent(({ id }) => openMessage(id));
  else if (sessionCursor.value !== null) openSessionAt(sessionCursor.value);
}

function move(delta: number): void {
  if (isSessions()) stepSession(delta);
  else step(delta);
}

function closeOpen(): void {
  if (!isSessions()) closeMessage();
  else if (sessionId.value !== null) openSessionAt(null);
}

const tabTitles = {
  preview: "Preview",
  text: "Text",
  headers: "Headers",
  parts: "Parts",
  raw: "Raw",
};

export const commands: Command[] = [
  { title: "Next", keys: ["j"], run: () => move(1) },
  { title: "Previous", keys: ["k"], run: () => move(-1) },
  { title: "Open", keys: ["Enter"], run: openCurrent },
  { title: "Close", keys: ["Escape"], shown: "Esc", run: closeOpen },
  { title: "Delete", keys: ["#", "Delete"], shown: "#", run: () => withCurrent(remove) },
  {
    title: "Mark unread or read",
    keys: ["u"],
    run: () => withCurrent(({ id, read }) => void markRead(id, !read)),
  },
  { title: "Search", keys: ["/"], run: () => searchFocus.value++ },
  ...tabs.map((name, index) => ({
    title: tabTitles[name],
    keys: [String(index + 1)],
    run: () => showTab(name),
  })),
  {
    title: "Show the keys",
    keys: ["?"],
    run: () => {
      overlay.value = "help";
    },
  },
];

export function commandFor(key: string): Command | undefined {
  if (openId.value === null && /^[1-9]$/.test(key)) return undefined;
  return commands.find(command => command.keys.includes(key));
}
