import { closeOverlay } from "../commands";
import { destroy } from "../state/inbox-actions";
import { inbox } from "../state/inboxes";
import { Dialog, DialogActions } from "./dialog";
import { FormError, useSubmit } from "./form";
import { count } from "./format";

/** Asks before an inbox is deleted, for that cannot be undone. */
export function DeleteInbox() {
  const own = inbox.value;
  const { submit, error, isBusy } = useSubmit(async () => {
    if (own) await destroy(own);
  }, closeOverlay);
  if (!own) return null;
  return (
    <Dialog title={`Delete the inbox “${own.name}”?`}>
      <p>
        It is deleted with {count(own.message_count, "message")}, its sessions and its credentials.
        This cannot be undone.
      </p>
      <FormError error={error.value} fields={[]} />
      <DialogActions>
        <button type="button" class="button danger" disabled={isBusy} onClick={submit}>
          Delete inbox
        </button>
      </DialogActions>
    </Dialog>
  );
}
