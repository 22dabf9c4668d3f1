// What is in front of the user: the list of one inbox and the message that is open. The route
// decides which; everything a person can do with messages is an action here.

import { computed, effect, signal, untracked } from "@preact/signals";
import {
  addMessage,
  clearInbox,
  getMessage,
  type Marks,
  type Message,
  setMarks,
  setMarksOf,
} from "../api";
import type { News } from "../live";
import { type InboxRoute, navigate, route, type Tab } from "../route";
import { Deletions } from "./deletions";
import { DEFAULT, inbox, inboxName, refreshInboxes } from "./inboxes";
import { MessageList } from "./messages";
import { attempt } from "./notice";
import { Resource } from "./resource";
import { indexOf } from "./sorted";

const putBack = (messages: readonly Message[]): void => list.peek().putBack(messages);

export const deletions = new Deletions(putBack);

export const list = signal(new MessageList(inboxName.peek(), deletions.hidden));

/** The row the keyboard is at; the open message if there is one. */
export const cursor = signal<number | null>(null);

export const openId = computed(() => (route.value.page === "inbox" ? route.value.message : null));
export const tab = computed<Tab>(() =>
  route.value.page === "inbox" ? route.value.tab : "preview",
);
export const query = computed(() => (route.value.page === "inbox" ? route.value.query : ""));

export class OpenMessage {
  readonly details: Resource<Message>;
  /** Deleted by somebody else while it was open. */
  readonly deleted = signal(false);
  private isMarked = false;

  constructor(
    readonly id: number,
    known: Message | undefined,
  ) {
    this.details = new Resource(signal => this.read(signal));
    if (known) this.details.set(known); // shown at once; the reading under way corrects it
  }

  /** It becomes read by being opened, once: it can be made unread again while it is open. */
  private async read(signal: AbortSignal): Promise<Message> {
    const message = await getMessage(this.id, signal);
    if (message.read || this.isMarked) return message;
    this.isMarked = true;
    void markRead([this.id], true);
    return { ...message, read: true };
  }
}

export const opened = signal<OpenMessage | null>(null);

/** Keeps list and open message in step with the route. Called once. */
export function startMailbox(): void {
  effect(() => showInbox(inboxName.value));
  effect(() => search(query.value));
  effect(() => showMessage(openId.value));
}

function search(text: string): void {
  const shown = list.value;
  untracked(() => {
    if (text !== shown.query.value) deletions.leave();
    shown.setQuery(text);
  });
}

function showInbox(name: string): void {
  untracked(() => {
    deletions.leave();
    list.value.close();
    list.value = new MessageList(name, deletions.hidden, query.value);
    cursor.value = openId.value;
    void list.value.refresh();
    if (name && !inbox.value) void refreshInboxes();
  });
}

function showMessage(id: number | null): void {
  untracked(() => {
    opened.value?.details.close();
    opened.value = id === null ? null : new OpenMessage(id, list.value.get(id));
    if (id !== null) cursor.value = id;
  });
}

export function applyNews(events: readonly News[]): void {
  for (const id of list.value.apply(events)) noteDeleted(id);
  for (const event of events) {
    if (event.type === "message.deleted") noteDeleted(event.id);
    if (event.type === "message.changed") patchOpened(event.message.id, event.message);
  }
}

export async function refreshMailbox(): Promise<void> {
  await Promise.all([list.value.refresh(), opened.value?.details.load()]);
}

function noteDeleted(id: number): void {
  if (opened.value?.id === id) opened.value.deleted.value = true;
}

function patchOpened(id: number, fields: Partial<Message>): void {
  const details = opened.value?.id === id ? opened.value.details : undefined;
  if (details?.data) details.set({ ...details.data, ...fields });
}

function patch(id: number, fields: Partial<Message>): void {
  list.value.patch(id, fields);
  patchOpened(id, fields);
}

/** Shown at once; marks that were not stored are taken back. */
async function mark(ids: readonly number[], marks: Marks): Promise<void> {
  const known = ids.flatMap(id => list.value.get(id) ?? []);
  for (const id of ids) patch(id, marks);
  if (await attempt(setMarks(ids, marks), "The mark was not stored")) return;
  for (const { id, read, pinned } of known) patch(id, { read, pinned });
}

export function markRead(ids: readonly number[], read: boolean): Promise<void> {
  return mark(ids, { read });
}

export function setPinned(ids: readonly number[], pinned: boolean): Promise<void> {
  return mark(ids, { pinned });
}

/** What went wrong is thrown: it belongs beside the form. */
export async function setTags(ids: readonly number[], tags: string[]): Promise<void> {
  await setMarks(ids, { tags });
  for (const id of ids) patch(id, { tags });
}

/** Of all that the list has, loaded or not. What went wrong is thrown. */
export async function markWhole(marks: Marks): Promise<void> {
  await setMarksOf(list.value.whole(), marks);
  await refreshMailbox();
}

function go(fields: Partial<InboxRoute>, replace: boolean): void {
  const current = route.value;
  const inbox = list.value.inbox;
  const start = { page: "inbox", inbox, query: "", message: null, tab: "preview" } as const;
  navigate({ ...(current.page === "inbox" ? current : start), ...fields }, { replace });
}

/** Where a row leads: the open tab stays. */
export function placeOf(message: number | null): InboxRoute {
  return { page: "inbox", inbox: list.value.inbox, query: query.value, message, tab: tab.value };
}

export function openMessage(id: number): void {
  go({ message: id }, false);
}

export function closeMessage(): void {
  if (openId.value !== null) go({ message: null }, false);
}

export function showTab(name: Tab): void {
  if (openId.value !== null) go({ tab: name }, true);
}

export function setQuery(text: string): void {
  go({ query: text }, true);
}

/** Moves by `delta` rows; what is open moves along. */
export function step(delta: number): void {
  const shown = list.value.items.value;
  const at = cursor.value === null ? -1 : indexOf(shown, cursor.value);
  const next = shown[at === -1 ? 0 : Math.min(Math.max(at + delta, 0), shown.length - 1)];
  if (!next) return;
  cursor.value = next.id;
  if (openId.value !== null) go({ message: next.id }, true);
}

/** The message an action without an argument is about. */
export function current(): Message | undefined {
  const id = openId.value ?? cursor.value;
  return id === null ? undefined : (list.value.get(id) ?? opened.value?.details.data);
}

/** With undo. What comes after it in the list is next. */
export function remove(messages: readonly Message[]): void {
  const [first] = messages;
  if (!first) return;
  const ids = new Set(messages.map(({ id }) => id));
  const at = indexOf(list.value.items.value, first.id);
  deletions.add(messages);
  list.value.remove(ids);
  const rest = list.value.items.value;
  const next = rest[Math.min(at, rest.length - 1)]?.id ?? null;
  cursor.value = next;
  if (openId.value !== null && ids.has(openId.value)) go({ message: next }, true);
}

/** The same with all that the list has, loaded or not. */
export function removeWhole(): void {
  deletions.addWhole(list.value);
  cursor.value = null;
  closeMessage();
}

const testMessage = {
  from: { name: "Mailstop", address: "mailstop@example.test" },
  to: "you@example.test",
  subject: "It works",
  text: "This is a test message. Mail from your application will look like this.",
  html: `<h1 style="font: 600 22px sans-serif">It works</h1>
<p style="font: 15px/1.5 sans-serif">This is a <strong>test message</strong>.
Mail from your application will look like this.</p>`,
};

/** Puts a message into the inbox, or the default one, so that there is something to look at. */
export async function sendTest(inbox: string): Promise<void> {
  await attempt(addMessage(inbox || DEFAULT, testMessage), "The test message was not sent");
}

export async function clear(inbox: string): Promise<void> {
  if (!(await attempt(clearInbox(inbox), "Nothing was deleted"))) return;
  closeMessage();
  await list.value.refresh();
}
