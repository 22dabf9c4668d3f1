// Draws only the rows of a long list that are in sight.

import { useLayoutEffect, useRef, useState } from "preact/hooks";

const OVERSCAN = 10; // rows beyond each edge, so that fast scrolling shows no gaps

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
    const top = Math.floor(element.scrollTop / rowHeight);
    const visible = Math.ceil(element.clientHeight / rowHeight);
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

/** Scrolls as little as it takes to show a row. */
export function reveal(element: HTMLElement, index: number, rowHeight: number): void {
  const top = index * rowHeight;
  const bottom = top + rowHeight;
  if (top < element.scrollTop) element.scrollTop = top;
  else if (bottom > element.scrollTop + element.clientHeight) {
    element.scrollTop = bottom - element.clientHeight;
  }
}
