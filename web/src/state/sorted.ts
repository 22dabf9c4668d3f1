// Lists of messages, newest (highest id) first, never changed in place.

import type { Message } from "../api";

type Items = readonly Message[];

/** How many items are newer than `id`: its index, or the one it would have. */
export function indexOf(items: Items, id: number): number {
  let low = 0;
  let high = items.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((items[middle] as Message).id > id) low = middle + 1;
    else high = middle;
  }
  return low;
}

export function find(items: Items, id: number): Message | undefined {
  const item = items[indexOf(items, id)];
  return item?.id === id ? item : undefined;
}

/** Both lists as one. Where an id is in both, `fresh` has the say. */
export function merge(items: Items, fresh: Items): Items {
  const merged: Message[] = [];
  let i = 0;
  for (const message of fresh) {
    while (i < items.length && (items[i] as Message).id > message.id)
      merged.push(items[i++] as Message);
    if (items[i]?.id === message.id) i++;
    merged.push(message);
  }
  return merged.concat(items.slice(i));
}

export function without(items: Items, ids: ReadonlySet<number>): Items {
  return items.some(message => ids.has(message.id))
    ? items.filter(message => !ids.has(message.id))
    : items;
}

export function change(items: Items, id: number, fields: Partial<Message>): Items {
  const index = indexOf(items, id);
  const message = items[index];
  if (message?.id !== id) return items;
  const changed = items.slice();
  changed[index] = { ...message, ...fields };
  return changed;
}
