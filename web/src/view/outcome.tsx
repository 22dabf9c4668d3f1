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

type Facts = Pick<Session, "outcome" | "message_count" | "failed" | "refusal">;

/** What was refused says more than how it ended, save where nobody was there to be refused. */
function refused({ outcome, refusal }: Facts): Look | null {
  if (!refusal || outcome === "timeout" || outcome === "tls_failed") return null;
  return { text: `${refusal.code} at ${refusal.command}`, icon: "warning", tone: "bad" };
}

export function outcomeOf(session: Facts): Look {
  const { outcome, message_count, failed } = session;
  const look = refused(session);
  if (look) return look;
  if (message_count > 0 && !failed && outcome === "quit") return delivered;
  if (message_count > 0 && !failed && outcome === "dropped") return deliveredThenLeft;
  return looks[outcome ?? "open"] as Look;
}

export function Outcome({ session }: { session: Facts }) {
  const { text, icon, tone } = outcomeOf(session);
  return (
    <span class="outcome" data-tone={tone} title={session.refusal?.reply}>
      <Icon name={icon} />
      {text}
    </span>
  );
}
