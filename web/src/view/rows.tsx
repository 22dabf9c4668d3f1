import { useLayoutEffect, useState } from "preact/hooks";
import type { Message } from "../api";
import { cursor, openId, step } from "../state/mailbox";
import type { MessageList } from "../state/messages";
import { indexOf } from "../state/sorted";
import { selectedIds } from "../state/selection";
import { count } from "./format";
import { Icon } from "./icons";
import { EmptyRow, ROW_HEIGHT, Row } from "./row";
import { drawn, isAtTop, tabStop, useAnchor, useCursorRow, useWindow } from "./window";

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
  useAnchor(ref, items, ROW_HEIGHT);
  useCursorRow(ref, items, cursor.value, ROW_HEIGHT);

  useLayoutEffect(() => list.want(end), [end, items]);

  const onScroll = () => {
    measure();
    const element = ref.current;
    if (!element) return;
    if (isAtTop(element, ROW_HEIGHT)) setSeen(null);
    else setSeen(old => old ?? items[0]?.id ?? null);
  };

  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key !== "ArrowDown" && event.key !== "ArrowUp") return;
    event.preventDefault();
    step(event.key === "ArrowDown" ? 1 : -1);
  };

  const kept = tabStop(items, cursor.value);
  const rows = drawn(first, end, kept).map(index => {
    const message = items[index];
    return message ? (
      <Row
        key={message.id}
        message={message}
        index={index}
        of={list.rows.value}
        isOpen={message.id === openId.value}
        isTabStop={index === kept}
        isSelected={selectedIds.value.has(message.id)}
      />
    ) : (
      <EmptyRow key={`empty ${index}`} index={index} />
    );
  });

  return (
    <div class="rows-frame">
      {newer > 0 && (
        <button type="button" class="newer" onClick={() => ref.current?.scrollTo({ top: 0 })}>
          <Icon name="up" /> {count(newer, "new message")}
        </button>
      )}
      {/* The keys move between the links in it. */}
      <div
        class="rows"
        data-selecting={selectedIds.value.size > 0 || undefined}
        ref={ref}
        onScroll={onScroll}
        onKeyDown={onKeyDown}
      >
        {/* Safari takes the role of lists without bullets. */}
        <ul role="list" style={{ height: `${list.rows.value * ROW_HEIGHT}px` }}>
          {rows}
        </ul>
      </div>
    </div>
  );
}
