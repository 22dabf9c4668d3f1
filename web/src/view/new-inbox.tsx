import { closeOverlay } from "../commands";
import { create } from "../state/inbox-actions";
import { Dialog, DialogActions } from "./dialog";
import { useSubmit } from "./form";
import { InboxFieldset, useInboxFields } from "./inbox-form";

export function NewInbox() {
  const form = useInboxFields();
  const { submit, error, isBusy } = useSubmit(() => create(form.fields()), closeOverlay);
  return (
    <Dialog title="New inbox">
      <form onSubmit={submit}>
        <InboxFieldset form={form} error={error.value} />
        <DialogActions>
          <button type="submit" class="button primary" disabled={isBusy}>
            Create inbox
          </button>
        </DialogActions>
      </form>
    </Dialog>
  );
}
