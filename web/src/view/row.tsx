import type { Message } from "../api";
import { hrefOf } from "../route";
import { today } from "../state/clock";
import { list, placeOf } from "../state/mailbox";
import { selectTo, toggle } from "../state/selection";
import { count, fullTime, shortTime, size, subject } from "./format";
import { Icon } from "./icons";

export const ROW_HEIGHT = 64; // as in rows.css

function recipients(message: Message): string {
  const to = message.envelope.to.length ? message.envelope.to : message.to.map(a => a.address);
  const [first = "nobody", ...others] = to;
  return others.length ? `${first} +${others.length}` : first;
}

function Marks({ message }: { message: Message }) {
  const warnings = message.warnings.length;
  const files = message.attachments.filter(attachment => !attachment.inline).length;
  return (
    <>
      {message.pinned && (
        <span class="mark" title="Pinned">
          <Icon name="pin" />
          <span class="visually-hidden">pinned</span>
        </span>
      )}
      {message.tags.map(tag => (
        <span key={tag} class="mark mark-tag">
          {tag}
        </span>
      ))}
      {warnings > 0 && (
        <span class="mark mark-warning" title={count(warnings, "warning")}>
          <Icon name="warning" />
          {warnings}
          <span class="visually-hidden"> {warnings === 1 ? "warning" : "warnings"}</span>
        </span>
      )}
      {files > 0 && (
        <span class="mark" title={count(files, "attachment")}>
          <Icon name="clip" />
          {files > 1 && files}
          <span class="visually-hidden"> {files === 1 ? "attachment" : "attachments"}</span>
        </span>
      )}
    </>
  );
}

interface Props {
  message: Message;
  index: number;
  of: number;
  isOpen: boolean;
  isTabStop: boolean;
  isSelected: boolean;
}

function Check({ message, isSelected }: Pick<Props, "message" | "isSelected">) {
  return (
    <label class="row-check">
      <input
        type="checkbox"
        checked={isSelected}
        tabIndex={-1}
        aria-label={`Select ${subject(message)}`}
        onClick={event => {
          if (event.shiftKey) selectTo(message.id);
          else toggle(message.id);
        }}
      />
    </label>
  );
}

export function Row({ message, index, of, isOpen, isTabStop, isSelected }: Props) {
  const { id, read, received_at } = message;
  return (
    <li
      style={{ top: `${index * ROW_HEIGHT}px` }}
      aria-setsize={of}
      aria-posinset={index + 1}
      data-selected={isSelected || undefined}
    >
      <a
        class="row"
        data-id={id}
        data-unread={!read || undefined}
        href={hrefOf(placeOf(id))}
        tabIndex={isTabStop ? 0 : -1}
        aria-current={isOpen ? "true" : undefined}
      >
        <span class="row-dot">{!read && <span class="visually-hidden">Unread: </span>}</span>
        <span class="row-subject" dir="auto">
          {subject(message)}
        </span>
        <time class="row-time" dateTime={received_at} title={fullTime(received_at)}>
          {shortTime(received_at, today.value)}
        </time>
        <span class="row-to">
          <span class="row-address">to {recipients(message)}</span>
          <span class="row-size">{size(message.size)}</span>
          {!list.value.inbox && <span class="row-size">{message.inbox}</span>}
          <span class="row-marks">
            <Marks message={message} />
          </span>
        </span>
      </a>
      <Check message={message} isSelected={isSelected} />
    </li>
  );
}

/** Stands where a row will be once it is loaded. */
export function EmptyRow({ index }: { index: number }) {
  return (
    <li class="row row-empty" style={{ top: `${index * ROW_HEIGHT}px` }} aria-hidden="true">
      <span class="row-subject" />
      <span class="row-to" />
    </li>
  );
}
