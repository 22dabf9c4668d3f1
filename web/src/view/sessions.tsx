import { filterSessions, sessionId, sessions } from "../state/session-room";
import type { SessionList } from "../state/sessions";
import { SessionView } from "./session";
import { SessionsHead } from "./sessions-head";
import { SessionsTable } from "./sessions-table";
import { Failed, Loading, Nothing } from "./state";

function Body({ list }: { list: SessionList }) {
  const { error, items, complete, status } = list;
  const isBadQuery = error.value?.status === 400;
  if (error.value && !isBadQuery && items.value.length === 0) {
    return <Failed error={error.value} retry={() => void list.refresh()} />;
  }
  if (complete.value && items.value.length === 0) {
    return list.isFiltered ? (
      <Nothing icon="search" title={list.filter.query ? "No session matches" : "Nothing failed"}>
        <button
          type="button"
          class="button"
          onClick={() => filterSessions({ failed: false, query: "" })}
        >
          Show all sessions
        </button>
      </Nothing>
    ) : (
      <Nothing icon="dialogue" title="Nobody has connected yet">
        <p class="hint">Each SMTP session is kept here, also one that fails.</p>
      </Nothing>
    );
  }
  if (status.value === "loading") return isBadQuery ? null : <Loading />;
  return <SessionsTable list={list} />;
}

/** All SMTP sessions, or one of them. The table stays where it is behind the one that is open. */
export function Sessions() {
  const list = sessions.value;
  const id = sessionId.value;
  if (!list) return null;
  return (
    <main class="sessions-room" data-open={id !== null || undefined}>
      <section class="sessions-list" aria-label="Sessions">
        <SessionsHead list={list} />
        <Body list={list} />
      </section>
      {id !== null && <SessionView key={id} id={id} />}
    </main>
  );
}
