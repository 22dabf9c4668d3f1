import type { Address, Message } from "../../api";
import { messageUrl } from "../../api";
import { hrefOf } from "../../route";
import { markRead, placeOf, remove } from "../../state/mailbox";
import { sessionsPlace } from "../../state/session-room";
import { address, count, exactTime, fullTime, size, subject } from "../format";
import { Icon } from "../icons";

const AT_ONCE = 3; // addresses shown before "and 497 more"

interface PeopleProps {
  name: string;
  list: readonly Address[];
  note?: string; // what is to be noticed of them
  noted?: (person: Address) => boolean; // of which; left out: of all together
}

/** Each stands for itself, whichever way its letters run. */
function Addresses({ list, note, noted }: Omit<PeopleProps, "name">) {
  return list.map((person, index) => (
    <>
      {index > 0 && ", "}
      <bdi>{address(person)}</bdi>
      {noted?.(person) && <Note text={note} />}
    </>
  ));
}

function Note({ text }: { text: string | undefined }) {
  return (
    <>
      {" "}
      <span class="people-note">{text}</span>
    </>
  );
}

function People({ name, list, note, noted }: PeopleProps) {
  if (list.length === 0) return null;
  const others = list.slice(AT_ONCE);
  return (
    <div class="people">
      <dt>{name}</dt>
      <dd>
        <Addresses list={list.slice(0, AT_ONCE)} note={note} noted={noted} />
        {others.length > 0 && (
          <details>
            <summary>and {others.length} more</summary>
            <span class="people-more">
              <Addresses list={others} note={note} noted={noted} />
            </span>
          </details>
        )}
        {note && !noted && <Note text={note} />}
      </dd>
    </div>
  );
}

function Actions({ message }: { message: Message }) {
  const mark = message.read ? "Mark as unread" : "Mark as read";
  return (
    <div class="message-actions">
      <button
        type="button"
        class="icon-button"
        aria-label={mark}
        title={`${mark} (u)`}
        onClick={() => void markRead([message.id], !message.read)}
      >
        <Icon name={message.read ? "unread" : "done"} />
      </button>
      <a
        class="icon-button"
        href={messageUrl(message.id, "/raw?download=true")}
        download={`message-${message.id}.eml`}
        aria-label="Download raw"
        title="Download raw"
      >
        <Icon name="download" />
      </a>
      <button
        type="button"
        class="icon-button"
        aria-label="Delete"
        title="Delete (#)"
        onClick={() => remove([message])}
      >
        <Icon name="trash" />
      </button>
    </div>
  );
}

function Facts({ message }: { message: Message }) {
  const { client, received_at, session_id, warnings } = message;
  return (
    <p class="facts">
      <time dateTime={received_at} title={exactTime(received_at)}>
        {fullTime(received_at)}
      </time>
      <span>{size(message.size)}</span>
      {client.helo && <span title={client.ip ?? undefined}>from {client.helo}</span>}
      {client.tls && <span>{client.tls.replace("TLS", "TLS ")}</span>}
      {session_id !== null && (
        <span>
          <a href={hrefOf(sessionsPlace({ session: session_id }))}>Session {session_id}</a>
        </span>
      )}
      {warnings.length > 0 && (
        <span>
          <a
            class="mark-warning"
            href={hrefOf({ ...placeOf(message.id), tab: "transcript" })}
            title={warnings.map(({ detail }) => detail).join("\n")}
          >
            <Icon name="warning" /> {count(warnings.length, "warning")}
          </a>
        </span>
      )}
    </p>
  );
}

/** The envelope's sender, where the header names another; bounces have none. */
function otherSender({ envelope, from }: Message): Address[] {
  const isNamed = from.some(({ address }) => address.toLowerCase() === envelope.from.toLowerCase());
  return from.length > 0 && !isNamed ? [{ name: "", address: envelope.from || "<>" }] : [];
}

/** Whether somebody whom the header names was not sent the message. */
function missing({ envelope }: Message): (person: Address) => boolean {
  const sentTo = new Set(envelope.to.map(recipient => recipient.toLowerCase()));
  return ({ address }) => !sentTo.has(address.toLowerCase());
}

export function Head({ message }: { message: Message }) {
  const sender = message.from.length
    ? message.from
    : [{ name: "", address: message.envelope.from }];
  const left = { note: "not in the envelope", noted: missing(message) };
  return (
    <header class="message-head">
      <div class="message-bar">
        <a
          class="icon-button message-back"
          href={hrefOf(placeOf(null))}
          aria-label="Back to the list"
        >
          <Icon name="back" />
        </a>
        <h1 id="message-subject" class="message-subject" dir="auto" title={subject(message)}>
          {subject(message)}
        </h1>
        <Actions message={message} />
      </div>
      <dl class="addresses">
        <People name="From" list={sender.filter(({ address }) => address)} />
        <People name="Sent by" list={otherSender(message)} note="the envelope's sender" />
        <People name="To" list={message.to} {...left} />
        <People name="Cc" list={message.cc} {...left} />
        <People name="Bcc" list={message.bcc} note="in the envelope, not in To or Cc" />
        <People name="Reply to" list={message.reply_to} />
      </dl>
      <Facts message={message} />
    </header>
  );
}
