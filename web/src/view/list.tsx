import { type Overlay, overlay } from "../commands";
import { hrefOf } from "../route";
import { inbox, inboxName, inboxTitle, unread } from "../state/inboxes";
import { list, setQuery } from "../state/mailbox";
import { selected } from "../state/selection";
import { count } from "./format";
import { Icon, type IconName } from "./icons";
import { Rows } from "./rows";
import { SelectionBar } from "./selection-bar";
import { Failed, Nothing } from "./state";

function Counts() {
  const { applied, status } = list.value;
  if (status.value === "loading") return <p class="list-counts"> </p>;
  const all = list.value.count.value;
  if (applied.value) return <p class="list-counts">{count(all, "match", "matches")}</p>;
  const { pruned_count: pruned = 0 } = inbox.value ?? {};
  return (
    <p class="list-counts">
      {count(all, "message")}
      {unread.value > 0 && all > 0 && ` · ${unread.value.toLocaleString()} unread`}
      {pruned > 0 && (
        <span title="The oldest messages went because of limits">
          {` · ${pruned.toLocaleString()} pruned`}
        </span>
      )}
    </p>
  );
}

/* What is not always there stands to the left, so that the others keep their places. */
const actions: [Overlay, string, IconName][] = [
  ["clear", "Delete all messages", "trash"],
  ["inbox", "Inbox settings", "sliders"],
  ["connect", "How to connect", "plug"],
];

function Head() {
  const isEmpty = list.value.items.value.length === 0;
  const isThere = inbox.value !== undefined || inboxName.value === "";
  const usable = actions.filter(([name]) =>
    name === "inbox" ? inbox.value !== undefined : isThere && !(name === "clear" && isEmpty),
  );
  return (
    <header class="list-head">
      <a class="icon-button list-back" href={hrefOf({ page: "inboxes" })} aria-label="Inboxes">
        <Icon name="back" />
      </a>
      <div class="list-title">
        <h1>{inboxTitle}</h1>
        <Counts />
      </div>
      {usable.map(([name, label, icon]) => (
        <button
          type="button"
          key={name}
          class="icon-button"
          aria-label={label}
          title={label}
          onClick={() => {
            overlay.value = name;
          }}
        >
          <Icon name={icon} />
        </button>
      ))}
    </header>
  );
}

function NoMatch({ title }: { title: string }) {
  return (
    <Nothing icon="search" title={title}>
      <button type="button" class="button" onClick={() => setQuery("")}>
        Clear the search
      </button>
    </Nothing>
  );
}

function Body() {
  const { applied, error, items, inbox: name, queryError } = list.value;
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
  if (queryError.value && items.value.length === 0)
    return <NoMatch title="This search cannot be read" />;
  if (error.value && items.value.length === 0) return <Failed error={error.value} retry={retry} />;
  if (list.value.isEmpty.value) return <p class="list-empty">No mail yet</p>;
  if (applied.value && list.value.findsNothing) return <NoMatch title="No message matches" />;
  return <Rows key={`${name} ${applied.value}`} list={list.value} />;
}

export function ListColumn() {
  return (
    <section class="list" aria-label="Messages">
      {selected.value.length > 0 ? <SelectionBar /> : <Head />}
      <Body />
    </section>
  );
}
