import { overlay } from "../commands";
import { connection } from "../state/connection";
import { Icon, Logo } from "./icons";
import { Search } from "./search";

const connectionTexts = {
  connecting: "Connecting…",
  live: "Live",
  lost: "Reconnecting…",
};

export function TopBar() {
  return (
    <header class="top-bar">
      <a class="brand" href="inbox/default" aria-label="Mailstop">
        <Logo />
        <span>Mailstop</span>
      </a>
      <Search />
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
      <button
        type="button"
        class="icon-button"
        aria-label="Settings"
        title="Settings (,)"
        onClick={() => {
          overlay.value = "settings";
        }}
      >
        <Icon name="gear" />
      </button>
    </header>
  );
}
