// Everything that can be done by key, in one table: the keyboard runs it, the help shows it and the
// palette finds it.

import { signal } from "@preact/signals";
import { navigate, type Route, route, tabs } from "./route";
import { DEFAULT, inbox, inboxName } from "./state/inboxes";
import { closeMessage, current, openId, openMessage, sendTest, showTab, step } from "./state/mailbox";
import {
  extend,
  removeSelected,
  selectAll,
  selected,
  selectNone,
  subject,
  toggleCurrent,
  togglePinned,
  toggleRead,
} from "./state/selection";
import {
  ALL_SESSIONS,
  openSessionAt,
  sessionCursor,
  sessionId,
  stepSession,
} from "./state/session-room";

export const groups = ["Move", "Messages", "View", "Page"] as const;

export interface Command {
  name: string;
  group: (typeof groups)[number];
  title: string;
  keys: string[]; // KeyboardEvent.key, or two of them with a space between
  shown?: string; // instead of the keys
  run(): void;
  /** Where it means something; left out: everywhere. */
  applies?(): boolean;
}

/** What lies over the page, if anything. */
export type Overlay =
  | "help"
  | "palette"
  | "clear"
  | "settings"
  | "fault"
  | "fault-json"
  | "tags"
  | "connect"
  | "inbox"
  | "new-inbox"
  | "delete-inbox";
export const overlay = signal<Overlay | null>(null);

export function closeOverlay(): void {
  overlay.value = null;
}

const show = (name: Overlay) => () => {
  overlay.value = name;
};

/** Each change asks for the focus to go to the search field. */
export const searchFocus = signal(0);

const isApple = /^(Mac|iP)/.test(globalThis.navigator?.platform ?? "");

const isInbox = () => route.value.page === "inbox";
const isSessions = () => route.value.page === "sessions";
const isList = () => isInbox() || isSessions();
const isMessageOpen = () => openId.value !== null;

function openCurrent(): void {
  if (isSessions()) {
    if (sessionCursor.value !== null) openSessionAt(sessionCursor.value);
    return;
  }
  const message = current();
  if (message) openMessage(message.id);
}

function move(delta: number): void {
  if (isSessions()) stepSession(delta);
  else step(delta);
}

/** What was begun last ends first. */
function leave(): void {
  if (isSessions()) {
    if (sessionId.value !== null) openSessionAt(null);
  } else if (selected.value.length > 0) selectNone();
  else closeMessage();
}

const go = (place: Route) => () => navigate(place);

export function goToInbox(inbox: string): void {
  navigate({ page: "inbox", inbox, query: "", message: null, tab: "preview" });
}

const tabTitles = {
  preview: "Preview",
  text: "Text",
  source: "Source",
  headers: "Headers",
  parts: "Parts",
  transcript: "Transcript",
  raw: "Raw",
};

const inList = { group: "Move", applies: isList } as const;
const onMessages = { group: "Messages", applies: isInbox } as const;
const onPage = { group: "Page" } as const;

export const commands: Command[] = [
  { ...inList, name: "next", title: "Next", keys: ["j"], run: () => move(1) },
  { ...inList, name: "previous", title: "Previous", keys: ["k"], run: () => move(-1) },
  { ...inList, name: "open", title: "Open", keys: ["Enter"], run: openCurrent },
  { ...inList, name: "close", title: "Close", keys: ["Escape"], shown: "Esc", run: leave },
  {
    group: "Move",
    name: "go-inbox",
    title: "Go to the inbox",
    keys: ["g i"],
    run: () => goToInbox(isInbox() ? DEFAULT : inboxName.value),
  },
  {
    group: "Move",
    name: "go-all",
    title: "Go to all inboxes",
    keys: ["g a"],
    run: () => goToInbox(""),
  },
  {
    group: "Move",
    name: "go-sessions",
    title: "Go to sessions",
    keys: ["g s"],
    run: go(ALL_SESSIONS),
  },
  {
    group: "Move",
    name: "go-faults",
    title: "Go to faults",
    keys: ["g f"],
    run: go({ page: "faults", inbox: "" }),
  },

  { ...onMessages, name: "select", title: "Select", keys: ["x"], run: toggleCurrent },
  { ...onMessages, name: "extend", title: "Select with the next", keys: ["J"], run: () => extend(1) },
  {
    ...onMessages,
    name: "extend-up",
    title: "Select with the previous",
    keys: ["K"],
    run: () => extend(-1),
  },
  { ...onMessages, name: "select-all", title: "Select all", keys: ["A"], run: selectAll },
  {
    ...onMessages,
    name: "delete",
    title: "Delete",
    keys: ["#", "Delete"],
    shown: "#",
    run: removeSelected,
  },
  { ...onMessages, name: "read", title: "Mark read or unread", keys: ["u"], run: toggleRead },
  { ...onMessages, name: "pin", title: "Pin or unpin", keys: ["p"], run: togglePinned },
  {
    ...onMessages,
    name: "tags",
    title: "Change tags",
    keys: ["t"],
    run: () => {
      if (subject().length > 0) overlay.value = "tags";
    },
  },

  ...tabs.map((name, index): Command => ({
    group: "View",
    applies: isMessageOpen,
    name,
    title: tabTitles[name],
    keys: [String(index + 1)],
    run: () => showTab(name),
  })),

  { ...onPage, name: "search", title: "Search", keys: ["/"], run: () => searchFocus.value++ },
  {
    ...onPage,
    name: "palette",
    title: "Find anything",
    keys: [],
    shown: isApple ? "⌘ K" : "Ctrl K",
    run: show("palette"),
  },
  { ...onPage, name: "new-inbox", title: "New inbox", keys: ["c"], run: show("new-inbox") },
  {
    ...onPage,
    name: "connect",
    title: "How to connect",
    keys: ["h"],
    applies: isInbox,
    run: show("connect"),
  },
  {
    ...onPage,
    name: "test",
    title: "Send a test message",
    keys: [],
    applies: isInbox,
    run: () => void sendTest(inboxName.value),
  },
  {
    ...onPage,
    name: "inbox",
    title: "Inbox settings",
    keys: ["i"],
    applies: () => isInbox() && inbox.value !== undefined,
    run: show("inbox"),
  },
  {
    ...onPage,
    name: "clear",
    title: "Delete all messages",
    keys: [],
    applies: isInbox,
    run: show("clear"),
  },
  { ...onPage, name: "settings", title: "Settings", keys: [","], run: show("settings") },
  { ...onPage, name: "help", title: "Show the keys", keys: ["?"], run: show("help") },
];

export function commandNamed(name: string): Command | undefined {
  return commands.find(command => command.name === name);
}

export function commandFor(key: string): Command | undefined {
  return commands.find(({ keys, applies }) => keys.includes(key) && (applies?.() ?? true));
}

/** Keys that are the first of two. */
export const firstKeys: ReadonlySet<string> = new Set(
  commands.flatMap(({ keys }) => keys.flatMap(key => key.match(/^(\S+) \S+$/)?.[1] ?? [])),
);
