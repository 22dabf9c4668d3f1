import type { Inbox } from "../api";
import { overlay } from "../commands";
import { hrefOf, route } from "../route";
import { failures, MOST } from "../state/failures";
import {
  inboxes,
  inboxesError,
  inboxName,
  info,
  moreInboxes,
  refreshInboxes,
  smtp,
} from "../state/inboxes";
import { ALL_SESSIONS } from "../state/session-room";
import { CopyButton } from "./copy";
import { count } from "./format";
import { Icon } from "./icons";
import { Failed } from "./state";

/** What leads to an inbox, or to all if the name is empty. */
function link(name: string) {
  const isSeen =
    ["inbox", "inboxes"].includes(route.value.page) &&
    name.toLowerCase() === inboxName.value.toLowerCase();
  const place = { page: "inbox", inbox: name, query: "", message: null, tab: "preview" } as const;
  return {
    class: "inbox",
    href: hrefOf(place),
    "aria-current": isSeen ? ("page" as const) : undefined,
  };
}

function All() {
  return (
    <li>
      <a {...link("")}>
        <Icon name="envelope" />
        <span class="inbox-name">All inboxes</span>
      </a>
    </li>
  );
}

function Row({ inbox }: { inbox: Inbox }) {
  return (
    <li>
      <a {...link(inbox.name)}>
        <Icon name="inbox" />
        <span class="inbox-name">{inbox.name}</span>
        {inbox.unread_count > 0 && (
          <span class="inbox-count">
            {inbox.unread_count.toLocaleString()}
            <span class="visually-hidden"> unread</span>
          </span>
        )}
      </a>
    </li>
  );
}

/** How many sessions failed that nobody has seen. */
function Failures() {
  const count = failures.value?.data ?? 0;
  if (count === 0) return null;
  return (
    <span class="inbox-count inbox-failed" title="Failed since you last looked">
      {count < MOST ? count : `${MOST - 1}+`}
      <span class="visually-hidden"> failed</span>
    </span>
  );
}

function Server() {
  if (!smtp.value) return null;
  const address = `${smtp.value.host}:${smtp.value.port}`;
  return (
    <footer class="server">
      <p>
        <span class="server-label">SMTP</span>
        <code>{address}</code>
        <CopyButton text={address} label="Copy SMTP address" />
      </p>
      <p class="server-version">Mailstop {info.value?.version}</p>
    </footer>
  );
}

export function Sidebar() {
  const error = inboxesError.value;
  return (
    <nav class="sidebar" aria-label="Inboxes">
      <header class="sidebar-head">
        <h2 id="inboxes-title">Inboxes</h2>
        <button
          type="button"
          class="icon-button"
          aria-label="New inbox"
          title="New inbox"
          onClick={() => {
            overlay.value = "new-inbox";
          }}
        >
          <Icon name="plus" />
        </button>
      </header>
      {error && inboxes.value.length === 0 && <Failed error={error} retry={refreshInboxes} />}
      <ul class="inboxes">
        {inboxes.value.length > 1 && <All />}
        {inboxes.value.map(inbox => (
          <Row key={inbox.id} inbox={inbox} />
        ))}
        {moreInboxes.value > 0 && (
          <li class="inboxes-more">{count(moreInboxes.value, "older one", "older ones")}</li>
        )}
      </ul>
      <ul class="places">
        <li>
          <a
            class="inbox"
            href={hrefOf(ALL_SESSIONS)}
            aria-current={route.value.page === "sessions" ? "page" : undefined}
          >
            <Icon name="dialogue" />
            <span class="inbox-name">Sessions</span>
            <Failures />
          </a>
        </li>
        <li>
          <a
            class="inbox"
            href={hrefOf({ page: "faults", inbox: "" })}
            aria-current={route.value.page === "faults" ? "page" : undefined}
          >
            <Icon name="bolt" />
            Faults
          </a>
        </li>
      </ul>
      <Server />
    </nav>
  );
}
