import { Fragment } from "preact";
import { useLayoutEffect } from "preact/hooks";
import type { Session } from "../api";
import { hrefOf } from "../route";
import { today } from "../state/clock";
import { sessionCursor, sessionsPlace } from "../state/session-room";
import type { SessionList } from "../state/sessions";
import { duration, fullTime, secondsTime } from "./format";
import { Outcome } from "./outcome";
import { drawn, tabStop, useAnchor, useCursorRow, useWindow } from "./window";

const ROW_HEIGHT = 44; // as in sessions.css
const HEAD_HEIGHT = 32;

function Row({ session, isTabStop }: { session: Session; isTabStop: boolean }) {
  const { id, client, started_at, ended_at, message_count, warnings } = session;
  return (
    <tr>
      <th scope="row" class="session-outcome">
        <a
          href={hrefOf(sessionsPlace({ session: id }))}
          data-id={id}
          tabIndex={isTabStop ? 0 : -1}
        >
          <span class="visually-hidden">Session {id}: </span>
          <Outcome session={session} />
        </a>
      </th>
      <td class="session-client" title={client.helo}>
        {client.helo || "–"}
      </td>
      <td class="session-ip">{client.ip}</td>
      <td class="session-inbox">{session.inbox}</td>
      <td class="session-number">{message_count}</td>
      <td class="session-number session-warnings">{warnings.length || ""}</td>
      <td class="session-number">{ended_at ? duration(started_at, ended_at) : "…"}</td>
      <td class="session-time">
        <time dateTime={started_at} title={fullTime(started_at)}>
          {secondsTime(started_at, today.value)}
        </time>
      </td>
    </tr>
  );
}

/** In the place of rows that are not drawn. */
function Gap({ rows }: { rows: number }) {
  return <tr aria-hidden="true" style={{ height: `${rows * ROW_HEIGHT}px` }} />;
}

const columns: [string, string][] = [
  ["Outcome", "session-outcome"],
  ["Client", "session-client"],
  ["Address", "session-ip"],
  ["Inbox", "session-inbox"],
  ["Messages", "session-number"],
  ["Warnings", "session-number session-warnings"],
  ["Duration", "session-number"],
  ["Started", "session-time"],
];

export function SessionsTable({ list }: { list: SessionList }) {
  const items = list.items.value;
  const { ref, first, end, measure } = useWindow<HTMLDivElement>(list.rows.value, ROW_HEIGHT);
  useAnchor(ref, items, ROW_HEIGHT);
  useCursorRow(ref, items, sessionCursor.value, ROW_HEIGHT, HEAD_HEIGHT);
  useLayoutEffect(() => list.want(end), [end, items]);

  const kept = tabStop(items, sessionCursor.value);
  const shown = drawn(first, end, kept).filter(index => index < items.length);
  const below = Math.max(0, list.rows.value - 1 - (shown.at(-1) ?? -1));
  return (
    <div class="sessions-scroll" ref={ref} onScroll={measure}>
      <table class="sessions" aria-label="Sessions" aria-rowcount={list.rows.value + 1}>
        <thead>
          <tr>
            {columns.map(([name, className]) => (
              <th key={name} scope="col" class={className}>
                {name}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {shown.map((index, at) => {
            const session = items[index] as Session;
            const above = index - 1 - (shown[at - 1] ?? -1);
            return (
              <Fragment key={session.id}>
                {above > 0 && <Gap rows={above} />}
                <Row session={session} isTabStop={index === kept} />
              </Fragment>
            );
          })}
          <Gap rows={below} />
        </tbody>
      </table>
    </div>
  );
}
