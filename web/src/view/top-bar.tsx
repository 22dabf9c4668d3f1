import { useEffect, useRef } from "preact/hooks";
import { filterFocus, overlay } from "../commands";
import { connection } from "../state/connection";
import { query, setQuery } from "../state/mailbox";
import { Icon, Logo } from "./icons";

const connectionTexts = {
  connecting: "Connecting…",
  live: "Live",
  lost: "Reconnecting…",
};

function Filter() {
  const field = useRef<HTMLInputElement>(null);

  // Within the key's own event: what is typed right behind it belongs to the field.
  useEffect(
    () =>
      filterFocus.subscribe(asked => {
        if (asked > 0) field.current?.select();
      }),
    [],
  );

  return (
    // <search> is too young for the browsers we serve.
    <form class="filter" role="search" onSubmit={event => event.preventDefault()}>
      <Icon name="search" />
      <input
        ref={field}
        type="search"
        value={query.value}
        placeholder="Filter messages"
        aria-label="Filter messages"
        autocomplete="off"
        spellcheck={false}
        onInput={event => setQuery(event.currentTarget.value)}
        onKeyDown={event => {
          if (event.key !== "Escape") return;
          event.preventDefault();
          setQuery("");
          field.current?.blur();
        }}
      />
    </form>
  );
}

export function TopBar() {
  return (
    <header class="top-bar">
      <a class="brand" href="inbox/default" aria-label="Mailstop">
        <Logo />
        <span>Mailstop</span>
      </a>
      <Filter />
      <p class="connection" role="status" data-state={connection.value}>
        {connectionTexts[connection.value]}
      </p>
      <button
        type="button"
        class="icon-button keys-button"
        aria-label="Keys"
        title="Keys (?)"
        onClick={() => {
          overlay.value = "help";
        }}
      >
        <Icon name="keys" />
      </button>
    </header>
  );
}
