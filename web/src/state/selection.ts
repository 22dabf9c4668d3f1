// Which messages of the list are picked for one action. They are of the list that is shown: with
// another inbox or search nothing is picked, and what leaves the list is picked no longer.

import { batch, computed, effect, signal, untracked } from "@preact/signals";
import type { Message } from "../api";
import {
  current,
  cursor,
  list,
  markRead,
  markWhole,
  remove,
  removeWhole,
  setPinned,
  setTags,
  step,
} from "./mailbox";
import { attempt } from "./notice";
import { indexOf } from "./sorted";

/** Everything in the list is picked, also what is not loaded. */
export const isWhole = signal(false);
const picked = signal<ReadonlySet<number>>(new Set());
let anchor: number | null = null; // where a range begins

export const selected = computed<readonly Message[]>(() => {
  const ids = picked.value;
  if (isWhole.value) return list.value.items.value;
  return ids.size === 0 ? [] : list.value.items.value.filter(({ id }) => ids.has(id));
});

/** How many that are. */
export const selectedCount = computed(() =>
  isWhole.value ? list.value.count.value : selected.value.length,
);

export const selectedIds = computed(() => new Set(selected.value.map(({ id }) => id)));

/** Called once. */
export function startSelection(): void {
  effect(() => {
    void list.value.applied.value;
    untracked(selectNone);
  });
}

export function selectNone(): void {
  pick(new Set(), null);
}

export function selectAll(): void {
  if (list.value.complete.value) pick(new Set(list.value.items.value.map(({ id }) => id)));
  else isWhole.value = true;
}

function pick(ids: ReadonlySet<number>, from = anchor): void {
  anchor = from;
  batch(() => {
    isWhole.value = false;
    picked.value = ids;
  });
}

export function toggle(id: number): void {
  const ids = new Set(selectedIds.value);
  if (!ids.delete(id)) ids.add(id);
  pick(ids, id);
}

/** From the one that was picked last to this one. */
export function selectTo(id: number): void {
  const items = list.value.items.value;
  const ends = [indexOf(items, anchor ?? id), indexOf(items, id)];
  const range = items.slice(Math.min(...ends), Math.max(...ends) + 1);
  pick(new Set([...selectedIds.value, ...range.map(message => message.id)]), anchor ?? id);
}

export function toggleCurrent(): void {
  const message = current();
  if (message) toggle(message.id);
}

/** Moves, and picks what is passed. */
export function extend(delta: number): void {
  const from = current();
  if (from) pick(new Set([...selectedIds.value, from.id]));
  step(delta);
  if (cursor.value !== null) pick(new Set([...selectedIds.value, cursor.value]));
}

/** What an action is about: what is picked, else the message the keyboard is at. */
export function subject(): readonly Message[] {
  if (selected.value.length > 0) return selected.value;
  const message = current();
  return message ? [message] : [];
}

export function removeSelected(): void {
  if (isWhole.value) removeWhole();
  else remove(subject());
  selectNone();
}

function mark(messages: readonly Message[], marks: { read: boolean } | { pinned: boolean }): void {
  if (isWhole.value) void attempt(markWhole(marks), "The marks were not stored");
  else if ("read" in marks) void markRead(ids(messages), marks.read);
  else void setPinned(ids(messages), marks.pinned);
}

/** Read if any is unread, else unread. */
export function toggleRead(): void {
  const messages = subject();
  mark(messages, { read: messages.some(message => !message.read) });
}

/** Pinned if any is not, else not. */
export function togglePinned(): void {
  const messages = subject();
  mark(messages, { pinned: messages.some(message => !message.pinned) });
}

export function storeTags(messages: readonly Message[], tags: string[]): Promise<void> {
  return isWhole.value ? markWhole({ tags }) : setTags(ids(messages), tags);
}

function ids(messages: readonly Message[]): readonly number[] {
  return messages.map(({ id }) => id);
}
