import { overlay } from "../commands";
import { hrefOf } from "../route";
import { inbox, inboxName } from "../state/inboxes";
import { list, query, setQuery } from "../state/mailbox";
import { count } from "./format";
import { Icon } from "./icons";
import { Rows } from "./rows";
import { Failed, Nothing } from "./state";

function Counts() {
  const { complete, items, shown, status, total } = list.value;
  if (status.value === "loading") return <p class="list-counts"> </p>;
  const all = complete.value ? items.value.length : total.value;
  if (query.value)
    return <p class="list-counts">{count(shown.value.length, "match", "matches")}</p>;
  const unread = inbox.value?.unread_count ?? 0;
  return (
    <p class="list-counts">
      {count(all, "message")}
      {unread > 0 && all > 0 && ` · ${unread.toLocaleString()} unread`}
    </p>
  );
}

function Head() {
  const isEmpty = list.value.items.value.length === 0;
  return (
    <header class="list-head">
      <a class="icon-button list-back" href={hrefOf({ page: "inboxes" })} aria-label="Inboxes">
        <Icon name="back" />
      </a>
      <div class="list-title">
        <h1>{inboxName}</h1>
        <Counts />
      </div>
      <button
        type="button"
        class="icon-button"
        aria-label="Delete all messages"
        title="Delete all messages"
        disabled={isEmpty}
        onClick={() => {
          overlay.value = "clear";
        }}
      >
        <Icon name="trash" />
      </button>
    </header>
  );
}

/** Below a filtered list that has not looked at everything yet. */
function FilterReach() {
  const { complete, items, reach } = list.value;
  if (!query.value || complete.value || items.value.length < reach.value) return null;
  return (
    <p class="list-note">
      Looked through the newest {items.value.length.toLocaleString()}.{" "}
      <button type="button" class="link" onClick={() => list.value.reachFurther()}>
        Look further back
      </button>
    </p>
  );
}

function NoMatch() {
  return (
    <Nothing icon="search" title="No message matches">
      <button type="button" class="button" onClick={() => setQuery("")}>
        Clear the filter
      </button>
    </Nothing>
  );
}

function Body() {
  const { error, status, items, shown, inbox: name } = list.value;
  const retry = () => void list.value.refresh();
  if (error.value?.isMissing) {
    return (
      <Nothing icon="inbox" title={`There is no inbox “${name}”`} alert>
        <a class="button" href="inbox/default">
          Go to the default inbox
        </a>
      </Nothing>
    );
  }
  if (error.value && items.value.length === 0) return <Failed error={error.value} retry={retry} />;
  if (list.value.isEmpty.value) return <p class="list-empty">No mail yet</p>;
  if (query.value && shown.value.length === 0 && status.value === "ready") return <NoMatch />;
  return <Rows key={name} list={list.value} />;
}

export function ListColumn() {
  return (
    <section class="list" aria-label="Messages">
      <Head />
      <Body />
      <FilterReach />
    </section>
  );
}
