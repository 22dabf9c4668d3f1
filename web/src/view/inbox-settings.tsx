import { closeOverlay, overlay } from "../commands";
import type { Inbox } from "../api";
import { change } from "../state/inbox-actions";
import { DEFAULT, inbox } from "../state/inboxes";
import { Dialog } from "./dialog";
import { useSubmit } from "./form";
import { InboxCredentials } from "./inbox-credentials";
import { InboxFieldset, useInboxFields } from "./inbox-form";

function Form({ inbox: own }: { inbox: Inbox }) {
  const form = useInboxFields(own);
  const { submit, error, isBusy } = useSubmit(() => change(own, form.fields()), closeOverlay);
  return (
    <form onSubmit={submit}>
      <InboxFieldset form={form} error={error.value} />
      <div class="dialog-actions">
        <button type="submit" class="button primary" disabled={isBusy}>
          Save
        </button>
      </div>
    </form>
  );
}

function Danger({ inbox: own }: { inbox: Inbox }) {
  return (
    <section class="settings-part" aria-labelledby="danger-title">
      <h3 id="danger-title">Delete</h3>
      <div class="settings-row">
        <button
          type="button"
          class="button"
          disabled={own.message_count === 0}
          onClick={() => {
            overlay.value = "clear";
          }}
        >
          All messages…
        </button>
        {own.name !== DEFAULT && (
          <button
            type="button"
            class="button danger"
            onClick={() => {
              overlay.value = "delete-inbox";
            }}
          >
            The inbox…
          </button>
        )}
      </div>
    </section>
  );
}

export function InboxSettings() {
  const own = inbox.value;
  if (!own) return null;
  return (
    <Dialog title={`Inbox “${own.name}”`}>
      <Form key={own.id} inbox={own} />
      <InboxCredentials inbox={own} />
      <Danger inbox={own} />
    </Dialog>
  );
}
