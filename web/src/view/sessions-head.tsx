import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { filterSessions } from "../state/session-room";
import type { SessionList } from "../state/sessions";
import { count } from "./format";
import { InboxChoice, PageHead } from "./page-head";

const PAUSE_MS = 250; // after the last key

function QueryField({ list }: { list: SessionList }) {
  const draft = useSignal(list.filter.query);
  useEffect(() => {
    const timer = setTimeout(() => {
      if (draft.value.trim() !== list.filter.query) filterSessions({ query: draft.value.trim() });
    }, PAUSE_MS);
    return () => clearTimeout(timer);
  }, [draft.value, list]);
  const error = list.error.value?.status === 400 ? list.error.value : null;
  return (
    <div class="sessions-query">
      <input
        class="field"
        type="search"
        value={draft}
        placeholder="What was said: 550, rcpt:ann, ip:10.0"
        aria-label="Search sessions"
        aria-invalid={error ? "true" : undefined}
        aria-describedby={error ? "sessions-query-error" : undefined}
        spellcheck={false}
        onInput={event => {
          draft.value = event.currentTarget.value;
        }}
      />
      {error && (
        <p id="sessions-query-error" class="form-fault" role="alert">
          {error.fields[0]?.detail ?? error.message}
        </p>
      )}
    </div>
  );
}

function Kinds({ failed }: { failed: boolean }) {
  return (
    <fieldset class="segments">
      <legend class="visually-hidden">Which sessions</legend>
      {[false, true].map(wanted => (
        <button
          type="button"
          key={String(wanted)}
          aria-pressed={wanted === failed}
          onClick={() => filterSessions({ failed: wanted })}
        >
          {wanted ? "Failed" : "All"}
        </button>
      ))}
    </fieldset>
  );
}

export function SessionsHead({ list }: { list: SessionList }) {
  const loaded = list.items.value.length;
  const all = list.isFiltered ? `${loaded}${list.complete.value ? "" : "+"} shown` : null;
  return (
    <PageHead
      title="Sessions"
      note={list.status.value === "ready" && (all ?? count(list.total.value, "session"))}
    >
      <Kinds failed={list.filter.failed} />
      <InboxChoice
        label="Inbox"
        all="All inboxes"
        value={list.filter.inbox}
        choose={inbox => filterSessions({ inbox })}
      />
      <QueryField list={list} />
    </PageHead>
  );
}
