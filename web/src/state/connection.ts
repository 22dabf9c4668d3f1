// Keeps what is shown true: news is passed on to the parts, and all is read anew after a gap.

import { signal } from "@preact/signals";
import { listen, type News } from "../live";
import { navigate, START } from "../route";
import { noteFailures, refreshFailures } from "./failures";
import { noteHits, refreshFaults } from "./faults";
import { refreshInboxes, refreshInfo } from "./inboxes";
import { applyNews, list, refreshMailbox } from "./mailbox";
import { noteSession, refreshSessions } from "./session-room";
import { notifyOf } from "./settings";

export const connection = signal<"connecting" | "live" | "lost">("connecting");

/** What came in last, in words, for those who do not see the list. */
export const announcement = signal("");

function announce(events: readonly News[]): void {
  const subjects = events.flatMap(event =>
    event.type === "message.created" && list.value.holds(event.message)
      ? [event.message.subject || "no subject"]
      : [],
  );
  if (subjects.length === 1) announcement.value = `New message: ${subjects[0]}`;
  if (subjects.length > 1) announcement.value = `${subjects.length} new messages`;
}

function notifyOfMail(events: readonly News[]): void {
  const arrived = events.flatMap(event =>
    event.type === "message.created" ? [event.message] : [],
  );
  const last = arrived.at(-1);
  if (!last) return;
  const others = arrived.length > 1 ? ` and ${arrived.length - 1} more` : "";
  const open = () => navigate({ ...START, inbox: last.inbox, message: last.id });
  notifyOf(last.subject || "(no subject)", `in ${last.inbox}${others}`, open);
}

/** Until the function it returns is called. */
export function startConnection(): () => void {
  return listen({
    opened() {
      connection.value = "live";
      void refreshInfo();
      void refreshInboxes();
      void refreshMailbox();
      void refreshSessions();
      void refreshFailures();
      void refreshFaults();
    },
    news(events) {
      applyNews(events);
      announce(events);
      notifyOfMail(events);
      if (events.some(({ type }) => type !== "sessions")) void refreshInboxes();
      if (events.some(({ type }) => type === "sessions")) {
        noteSession();
        noteFailures();
        noteHits();
      }
    },
    lost() {
      connection.value = "lost";
    },
  });
}
