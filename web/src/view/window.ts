// Draws only the rows of a long list that are in sight.

import { useLayoutEffect, useRef, useState } from "preact/hooks";
import { indexOf } from "../state/sorted";

const OVERSCAN = 12; // rows beyond each edge, so that fast scrolling shows no gaps
const BLOCK = 4; // rows that come and go together: drawing them one by one costs more

export interface Window<E extends HTMLElement> {
  ref: { current: E | null };
  first: number;
  end: number; // one past the last
  measure(): void;
}

/** For a scrolling element whose rows are all `rowHeight` high. */
export function useWindow<E extends HTMLElement>(count: number, rowHeight: number): Window<E> {
  const ref = useRef<E>(null);
  const [range, setRange] = useState({ first: 0, end: OVERSCAN * 3 });

  function measure(): void {
    const element = ref.current;
    if (!element) return;
    const top = Math.floor(element.scrollTop / rowHeight / BLOCK) * BLOCK;
    const visible = Math.ceil(element.clientHeight / rowHeight) + BLOCK;
    const first = Math.max(0, top - OVERSCAN);
    const end = top + visible + OVERSCAN;
    setRange(old => (old.first === first && old.end === end ? old : { first, end }));
  }

  useLayoutEffect(() => {
    const element = ref.current;
    if (!element) return;
    measure();
    const observer = new ResizeObserver(measure);
    observer.observe(element);
    return () => observer.disconnect();
  }, [rowHeight]);

  return { ref, first: Math.min(range.first, count), end: Math.min(range.end, count), measure };
}

interface Item {
  id: number;
}

/** Where the row is that Tab leads to: the one the keyboard is at, or what came in its place. */
export function tabStop(items: readonly Item[], cursor: number | null): number {
  return Math.min(cursor === null ? 0 : indexOf(items, cursor), items.length - 1);
}

/** Rows to draw: those in sight, and `kept`, so that scrolling does not take the focus away. */
export function drawn(first: number, end: number, kept: number): number[] {
  const rows = Array.from({ length: Math.max(end - first, 0) }, (_, index) => first + index);
  if (kept >= end) rows.push(kept);
  if (kept >= 0 && kept < first) rows.unshift(kept);
  return rows;
}

/** Scrolls as little as it takes to show a row; `inset` is what covers the top of the element. */
function reveal(element: HTMLElement, index: number, rowHeight: number, inset: number): void {
  const top = index * rowHeight;
  const bottom = top + rowHeight + inset;
  if (top < element.scrollTop) element.scrollTop = top;
  else if (bottom > element.scrollTop + element.clientHeight) {
    element.scrollTop = bottom - element.clientHeight;
  }
}

type Ref = { current: HTMLElement | null };

export const isAtTop = (element: HTMLElement, rowHeight: number): boolean =>
  element.scrollTop < rowHeight / 2;

/** Keeps the rows in sight where they are while others come and go above them. */
export function useAnchor(ref: Ref, items: readonly Item[], rowHeight: number): void {
  const before = useRef(items);
  useLayoutEffect(() => {
    const old = before.current;
    before.current = items;
    const element = ref.current;
    if (!element || old === items || isAtTop(element, rowHeight)) return;
    const index = Math.floor(element.scrollTop / rowHeight);
    const anchor = old[index];
    const oldest = items.at(-1);
    if (!anchor || !oldest || anchor.id < oldest.id) return;
    element.scrollTop += (indexOf(items, anchor.id) - index) * rowHeight;
  }, [items]);
}

/** Shows the row the keyboard went to, and takes the focus there unless it is elsewhere. */
export function useCursorRow(
  ref: Ref,
  items: readonly Item[],
  id: number | null,
  rowHeight: number,
  inset = 0,
): void {
  useLayoutEffect(() => {
    const element = ref.current;
    if (!element || id === null) return;
    const index = indexOf(items, id);
    if (items[index]?.id !== id) return;
    reveal(element, index, rowHeight, inset);
    const { activeElement } = document;
    const isFree = activeElement === document.body || element.contains(activeElement);
    if (isFree)
      element.querySelector<HTMLElement>(`[data-id="${id}"]`)?.focus({ preventScroll: true });
  }, [id]);
}
