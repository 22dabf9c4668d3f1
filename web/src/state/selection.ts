// Which messages of the list are picked for one action. They are of the list that is shown: with
// another inbox or search nothing is picked, and what leaves the list is picked no longer.

import { computed, effect, signal, untracked } from "@preact/signals";
import type { Message } from "../api";
import { current, cursor, list, markRead, remove, setPinned, setTags, step } from "./mailbox";
import { indexOf } from "./sorted";

const picked = signal<ReadonlySet<number>>(new Set());
let anchor: number | null = null; // where a range begins

export const selected = computed<readonly Message[]>(() => {
  const ids = picked.value;
  return ids.size === 0 ? [] : list.value.items.value.filter(({ id }) => ids.has(id));
});

export const selectedIds = computed(() => new Set(selected.value.map(({ id }) => id)));

/** Called once. */
export function startSelection(): void {
  effect(() => {
    void list.value.applied.value;
    untracked(selectNone);
  });
}

export function selectNone(): void {
  anchor = null;
  if (picked.value.size > 0) picked.value = new Set();
}

/** All that are loaded. */
export function selectAll(): void {
  picked.value = new Set(list.value.items.value.map(({ id }) => id));
}

export function toggle(id: number): void {
  const ids = new Set(selectedIds.value);
  if (!ids.delete(id)) ids.add(id);
  anchor = id;
  picked.value = ids;
}

/** From the one that was picked last to this one. */
export function selectTo(id: number): void {
  const items = list.value.items.value;
  const ends = [indexOf(items, anchor ?? id), indexOf(items, id)];
  const range = items.slice(Math.min(...ends), Math.max(...ends) + 1);
  picked.value = new Set([...selectedIds.value, ...range.map(message => message.id)]);
  anchor ??= id;
}

export function toggleCurrent(): void {
  const message = current();
  if (message) toggle(message.id);
}

/** Moves, and picks what is passed. */
export function extend(delta: number): void {
  const from = current();
  if (from) picked.value = new Set([...selectedIds.value, from.id]);
  step(delta);
  if (cursor.value !== null) picked.value = new Set([...selectedIds.value, cursor.value]);
}

/** What an action is about: what is picked, else the message the keyboard is at. */
export function subject(): readonly Message[] {
  if (selected.value.length > 0) return selected.value;
  const message = current();
  return message ? [message] : [];
}

export function removeSelected(): void {
  remove(subject());
  selectNone();
}

/** Read if any is unread, else unread. */
export function toggleRead(): void {
  const messages = subject();
  const read = messages.some(message => !message.read);
  void markRead(ids(messages), read);
}

/** Pinned if any is not, else not. */
export function togglePinned(): void {
  const messages = subject();
  const pinned = messages.some(message => !message.pinned);
  void setPinned(ids(messages), pinned);
}

export function storeTags(messages: readonly Message[], tags: string[]): Promise<void> {
  return setTags(ids(messages), tags);
}

function ids(messages: readonly Message[]): readonly number[] {
  return messages.map(({ id }) => id);
}
