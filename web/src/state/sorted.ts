// Lists of messages or sessions, newest (highest id) first, never changed in place.

interface Item {
  id: number;
}

/** How many items are newer than `id`: its index, or the one it would have. */
export function indexOf(items: readonly Item[], id: number): number {
  let low = 0;
  let high = items.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((items[middle] as Item).id > id) low = middle + 1;
    else high = middle;
  }
  return low;
}

export function find<T extends Item>(items: readonly T[], id: number): T | undefined {
  const item = items[indexOf(items, id)];
  return item?.id === id ? item : undefined;
}

/** Both lists as one. Where an id is in both, `fresh` has the say. */
export function merge<T extends Item>(items: readonly T[], fresh: readonly T[]): readonly T[] {
  const merged: T[] = [];
  let i = 0;
  for (const item of fresh) {
    while (i < items.length && (items[i] as T).id > item.id) merged.push(items[i++] as T);
    if (items[i]?.id === item.id) i++;
    merged.push(item);
  }
  return merged.concat(items.slice(i));
}

export function without<T extends Item>(
  items: readonly T[],
  ids: ReadonlySet<number>,
): readonly T[] {
  return items.some(({ id }) => ids.has(id))
    ? items.filter(({ id }) => !ids.has(id))
    : items;
}

export function change<T extends Item>(
  items: readonly T[],
  id: number,
  fields: Partial<T>,
): readonly T[] {
  const index = indexOf(items, id);
  const item = items[index];
  if (item?.id !== id) return items;
  const changed = items.slice();
  changed[index] = { ...item, ...fields };
  return changed;
}
