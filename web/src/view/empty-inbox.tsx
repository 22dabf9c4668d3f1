import { closeOverlay } from "../commands";
import { inbox, inboxName } from "../state/inboxes";
import { clear } from "../state/mailbox";
import { Dialog, DialogActions } from "./dialog";
import { count } from "./format";

/** Asks before everything in an inbox is deleted, for that cannot be undone. */
export function EmptyInbox() {
  const name = inboxName.value;
  const messages = inbox.value?.message_count;

  const confirm = () => {
    closeOverlay();
    void clear(name);
  };

  return (
    <Dialog title={name ? `Delete everything in “${name}”?` : "Delete everything in all inboxes?"}>
      <p>
        {messages === undefined ? "All messages" : count(messages, "message")} will be deleted. This
        cannot be undone.
      </p>
      <DialogActions>
        <button type="button" class="button danger" onClick={confirm}>
          Delete all
        </button>
      </DialogActions>
    </Dialog>
  );
}
