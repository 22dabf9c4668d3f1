import type { ComponentChildren } from "preact";
import { useLayoutEffect } from "preact/hooks";
import type { Transcript } from "../api";
import { hrefOf } from "../route";
import { openSession, sessionsPlace } from "../state/session-room";
import { attemptOfSession } from "./again";
import { Copies } from "./copies";
import { useFocusBack } from "./focus";
import { count, duration, fullTime, size } from "./format";
import { Icon } from "./icons";
import { Outcome } from "./outcome";
import { Loaded, Nothing } from "./state";
import { TranscriptLines } from "./transcript";
import { WarningList } from "./warnings";

function Fact({ name, children }: { name: string; children: ComponentChildren }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}

const placeIn = (inbox: string, message: number | null) =>
  hrefOf({ page: "inbox", inbox, query: "", message, tab: "preview" });

function Messages({ session }: { session: Transcript }) {
  const { messages, message_count, inbox } = session;
  if (messages.length === 0)
    return <>{message_count > 0 ? `${count(message_count, "message")}, deleted since` : "none"}</>;
  return messages.map(id => (
    <a key={id} href={placeIn(inbox, id)}>
      {id}
    </a>
  ));
}

function Facts({ session }: { session: Transcript }) {
  const { client, tls, username, refusal, started_at, ended_at, bytes_in, bytes_out } = session;
  return (
    <dl class="session-facts">
      <Fact name="Started">{fullTime(started_at)}</Fact>
      <Fact name="Duration">{ended_at ? duration(started_at, ended_at) : "still open"}</Fact>
      <Fact name="Client">{client.helo || "did not say its name"}</Fact>
      <Fact name="Address">{client.port ? `${client.ip}:${client.port}` : client.ip}</Fact>
      <Fact name="TLS">{tls ? `${tls.version.replace("TLS", "TLS ")}, ${tls.cipher}` : "none"}</Fact>
      <Fact name="Login">{username ?? "none"}</Fact>
      <Fact name="Inbox">
        <a href={placeIn(session.inbox, null)}>{session.inbox}</a>
      </Fact>
      <Fact name="Messages">
        <Messages session={session} />
      </Fact>
      {refusal && <Fact name="First refusal">{refusal.reply}</Fact>}
      <Fact name="Octets">
        {size(bytes_in)} in, {size(bytes_out)} out
      </Fact>
    </dl>
  );
}

/** One session. Keyed by its id. */
export function SessionView({ id }: { id: number }) {
  const ref = useFocusBack<HTMLElement>();
  useLayoutEffect(() => ref.current?.focus(), []); // the row that had it is out of sight now

  const resource = openSession.value;
  if (!resource) return null;
  const state = resource.state.value;
  const isGone = state.status === "failed" && state.error.isMissing;
  return (
    <article class="session" ref={ref} tabIndex={-1} aria-labelledby="session-title">
      <header class="session-head">
        <a
          class="icon-button"
          href={hrefOf(sessionsPlace({ session: null }))}
          aria-label="Back to the sessions"
          title="Back (Esc)"
        >
          <Icon name="back" />
        </a>
        <h1 id="session-title">Session {id}</h1>
        {state.status === "ready" && <Outcome session={state.data} />}
      </header>
      {isGone ? (
        <Nothing icon="trash" title="This session is gone" alert>
          <p class="hint">It was deleted with its messages, or made room for newer ones.</p>
        </Nothing>
      ) : (
        <Loaded resource={resource}>
          {session => (
            <div class="scroll" tabIndex={0} role="region" aria-label={`Session ${id}`}>
              <Facts session={session} />
              <WarningList warnings={session.warnings} />
              <div class="tools" role="group" aria-label="Copy">
                <h2 class="tools-text">What was said</h2>
                <Copies
                  entries={session.entries}
                  attempt={attemptOfSession(session)}
                  inbox={session.inbox}
                />
              </div>
              <TranscriptLines entries={session.entries} inbox={session.inbox} />
              {session.truncated && <p class="list-note">More was said than is kept.</p>}
            </div>
          )}
        </Loaded>
      )}
    </article>
  );
}
