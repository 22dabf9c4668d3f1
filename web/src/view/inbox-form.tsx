import { useSignal } from "@preact/signals";
import type { ApiError, Inbox, InboxFields } from "../api";
import { DEFAULT } from "../state/inboxes";
import { fullTime } from "./format";
import { Field, FormError } from "./form";

const HOUR = 3600;

const KEEP = "keep";
const NEVER = "never";

const lifetimes: [string, string][] = [
  [NEVER, "Never"],
  [String(HOUR), "In an hour"],
  [String(24 * HOUR), "In a day"],
  [String(7 * 24 * HOUR), "In a week"],
  [String(30 * 24 * HOUR), "In a month"],
];

/** What is in the form; `fields` are those that differ from the inbox. */
export function useInboxFields(inbox?: Inbox) {
  const name = useSignal(inbox?.name ?? "");
  const recipients = useSignal(inbox?.recipients.join("\n") ?? "");
  const most = useSignal(String(inbox?.limits.max_messages ?? ""));
  const expires = useSignal(inbox?.expires_at ? KEEP : NEVER);
  const fields = (): InboxFields => {
    const wanted: InboxFields = {};
    const patterns = recipients.value.split(/\s+/).filter(Boolean);
    const ttl = expires.value === NEVER ? null : Number(expires.value);
    if (name.value.trim() !== (inbox?.name ?? "")) wanted.name = name.value.trim();
    if (patterns.join() !== (inbox?.recipients.join() ?? "")) wanted.recipients = patterns;
    const limit = most.value.trim() === "" ? null : Number(most.value);
    if (limit !== (inbox?.limits.max_messages ?? null)) wanted.limits = { max_messages: limit };
    if (expires.value !== KEEP && (ttl !== null || inbox?.expires_at)) wanted.ttl_seconds = ttl;
    return wanted;
  };
  return { inbox, name, recipients, most, expires, fields };
}

interface Props {
  form: ReturnType<typeof useInboxFields>;
  error: ApiError | null;
}

export function InboxFieldset({ form, error }: Props) {
  const { inbox, name, recipients, most, expires } = form;
  const isDefault = inbox?.name === DEFAULT;
  const until = inbox?.expires_at;
  return (
    <>
      {!isDefault && (
        <Field
          label="Name"
          name="name"
          hint={inbox ? "The SMTP user name stays as it is." : "Left empty, one is made up."}
          error={error}
        >
          {attributes => (
            <input
              {...attributes}
              class="field"
              value={name}
              maxLength={64}
              autocomplete="off"
              spellcheck={false}
              onInput={event => {
                name.value = event.currentTarget.value;
              }}
            />
          )}
        </Field>
      )}
      <Field
        label="Mail to these addresses comes here too"
        name="recipients"
        hint="One a line; * stands for anything. For mail that is sent without a login."
        error={error}
      >
        {attributes => (
          <textarea
            {...attributes}
            class="field"
            rows={2}
            value={recipients}
            placeholder="*@shop.test"
            spellcheck={false}
            onInput={event => {
              recipients.value = event.currentTarget.value;
            }}
          />
        )}
      </Field>
      <Field
        label="Keep at most"
        name="limits"
        hint="Messages; beyond that the oldest go, save those that are pinned."
        error={error}
      >
        {attributes => (
          <input
            {...attributes}
            class="field"
            type="number"
            min={1}
            value={most}
            placeholder="as the server is told"
            onInput={event => {
              most.value = event.currentTarget.value;
            }}
          />
        )}
      </Field>
      {!isDefault && (
        <Field
          label="Expires"
          name="ttl_seconds"
          hint="Then it is deleted with all its messages."
          error={error}
        >
          {attributes => (
            <select
              {...attributes}
              class="field"
              value={expires}
              onChange={event => {
                expires.value = event.currentTarget.value;
              }}
            >
              {until && <option value={KEEP}>{fullTime(until)}</option>}
              {lifetimes.map(([value, text]) => (
                <option key={value} value={value}>
                  {text}
                </option>
              ))}
            </select>
          )}
        </Field>
      )}
      <FormError error={error} fields={["name", "recipients", "limits", "ttl_seconds"]} />
    </>
  );
}
