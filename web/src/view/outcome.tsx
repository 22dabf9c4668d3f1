import type { Session } from "../api";
import { Icon, type IconName } from "./icons";

type Look = { text: string; icon: IconName; tone: "good" | "bad" | "plain" };

const looks: Record<string, Look> = {
  open: { text: "Open", icon: "more", tone: "plain" },
  quit: { text: "No message", icon: "minus", tone: "plain" },
  dropped: { text: "Client went away", icon: "warning", tone: "bad" },
  timeout: { text: "Timed out", icon: "warning", tone: "bad" },
  refused: { text: "Server closed", icon: "warning", tone: "bad" },
  tls_failed: { text: "TLS failed", icon: "warning", tone: "bad" },
  shutdown: { text: "Server stopped", icon: "warning", tone: "bad" },
};

const delivered: Look = { text: "Delivered", icon: "done", tone: "good" };

/** Pools of connections like to end so. */
const deliveredThenLeft: Look = { text: "Delivered, no QUIT", icon: "done", tone: "plain" };

type Facts = Pick<Session, "outcome" | "message_count">;

export function outcomeOf({ outcome, message_count }: Facts): Look {
  if (outcome === "quit" && message_count > 0) return delivered;
  if (outcome === "dropped" && message_count > 0) return deliveredThenLeft;
  return looks[outcome ?? "open"] as Look;
}

export function Outcome({ session }: { session: Facts }) {
  const { text, icon, tone } = outcomeOf(session);
  return (
    <span class="outcome" data-tone={tone}>
      <Icon name={icon} />
      {text}
    </span>
  );
}
