import { useSignal } from "@preact/signals";
import { closeOverlay } from "../commands";
import { selectedCount, storeTags, subject } from "../state/selection";
import { Dialog, DialogActions } from "./dialog";
import { Field, FormError, useSubmit } from "./form";
import { count } from "./format";

/** Tags of the messages an action is about: what stands here is what they all have then. */
export function Tags() {
  const messages = useSignal(subject()).value;
  const text = useSignal([...new Set(messages.flatMap(({ tags }) => tags))].join(", "));
  const { submit, error, isBusy } = useSubmit(async () => {
    const tags = text.value.split(",").map(tag => tag.trim());
    await storeTags(messages, [...new Set(tags.filter(Boolean))]);
  }, closeOverlay);
  return (
    <Dialog title={`Tags of ${count(selectedCount.value || messages.length, "message")}`}>
      <form onSubmit={submit}>
        <Field
          label="Tags"
          name="set.tags"
          hint="With commas between. Search for one as tag:name."
          error={error.value}
        >
          {attributes => (
            <input
              {...attributes}
              class="field"
              value={text}
              autocomplete="off"
              spellcheck={false}
              onInput={event => {
                text.value = event.currentTarget.value;
              }}
            />
          )}
        </Field>
        <FormError error={error.value} fields={["set.tags"]} />
        <DialogActions>
          <button type="submit" class="button primary" disabled={isBusy}>
            Save
          </button>
        </DialogActions>
      </form>
    </Dialog>
  );
}
