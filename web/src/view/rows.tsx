import { useLayoutEffect, useRef, useState } from "preact/hooks";
import type { Message } from "../api";
import { cursor, openId, step } from "../state/mailbox";
import type { MessageList } from "../state/messages";
import { indexOf } from "../state/sorted";
import { count } from "./format";
import { Icon } from "./icons";
import { EmptyRow, ROW_HEIGHT, Row } from "./row";
import { reveal, useWindow } from "./window";

const isAtTop = (element: HTMLElement): boolean => element.scrollTop < ROW_HEIGHT / 2;

/** Keeps the rows in sight where they are while others come and go above them. */
function useAnchor(ref: { current: HTMLElement | null }, items: readonly Message[]): void {
  const before = useRef(items);
  useLayoutEffect(() => {
    const old = before.current;
    before.current = items;
    const element = ref.current;
    if (!element || old === items || isAtTop(element)) return;
    const index = Math.floor(element.scrollTop / ROW_HEIGHT);
    const anchor = old[index];
    const oldest = items.at(-1);
    if (!anchor || !oldest || anchor.id < oldest.id) return;
    element.scrollTop += (indexOf(items, anchor.id) - index) * ROW_HEIGHT;
  }, [items]);
}

/** Shows the row the keyboard went to, and takes the focus there unless it is elsewhere. */
function useCursor(ref: { current: HTMLElement | null }, items: readonly Message[]): void {
  const id = cursor.value;
  useLayoutEffect(() => {
    const element = ref.current;
    if (!element || id === null) return;
    const index = indexOf(items, id);
    if (items[index]?.id !== id) return;
    reveal(element, index, ROW_HEIGHT);
    const { activeElement } = document;
    const isFree = activeElement === document.body || element.contains(activeElement);
    if (isFree)
      element.querySelector<HTMLElement>(`[data-id="${id}"]`)?.focus({ preventScroll: true });
  }, [id]);
}

function useNewer(items: readonly Message[]) {
  const [seen, setSeen] = useState<number | null>(null);
  const newer = seen === null ? 0 : indexOf(items, seen);
  /** `id` is the newest message that was in sight; null: all are. */
  return { newer, setSeen };
}

export function Rows({ list }: { list: MessageList }) {
  const items = list.items.value;
  const { ref, first, end, measure } = useWindow<HTMLDivElement>(list.rows.value, ROW_HEIGHT);
  const { newer, setSeen } = useNewer(items);
  useAnchor(ref, items);
  useCursor(ref, items);

  useLayoutEffect(() => list.want(end), [end, items]);

  const onScroll = () => {
    measure();
    const element = ref.current;
    if (!element) return;
    if (isAtTop(element)) setSeen(null);
    else setSeen(old => old ?? items[0]?.id ?? null);
  };

  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key !== "ArrowDown" && event.key !== "ArrowUp") return;
    event.preventDefault();
    step(event.key === "ArrowDown" ? 1 : -1);
  };

  const tabStop = cursor.value ?? items[0]?.id;
  const rows = [];
  for (let index = first; index < end; index++) {
    const message = items[index];
    rows.push(
      message ? (
        <Row
          key={message.id}
          message={message}
          index={index}
          of={list.rows.value}
          isOpen={message.id === openId.value}
          isTabStop={message.id === tabStop}
        />
      ) : (
        <EmptyRow key={`empty ${index}`} index={index} />
      ),
    );
  }

  return (
    <div class="rows-frame">
      {newer > 0 && (
        <button type="button" class="newer" onClick={() => ref.current?.scrollTo({ top: 0 })}>
          <Icon name="up" /> {count(newer, "new message")}
        </button>
      )}
      {/* The keys move between the links in it. */}
      <div class="rows" ref={ref} onScroll={onScroll} onKeyDown={onKeyDown}>
        {/* Safari takes the role of lists without bullets. */}
        <ul role="list" style={{ height: `${list.rows.value * ROW_HEIGHT}px` }}>
          {rows}
        </ul>
      </div>
    </div>
  );
}
