import { useSignal } from "@preact/signals";
import { ApiError, type FaultWish } from "../api";
import { closeOverlay } from "../commands";
import { bare } from "../state/fault-rules";
import { plan, store } from "../state/faults";
import { Dialog, DialogActions } from "./dialog";
import { FormError, useSubmit } from "./form";

function parse(text: string): FaultWish {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new ApiError(0, `This is no JSON: ${error instanceof Error ? error.message : error}`);
  }
}

/** The whole plan, with all that rules can say. */
export function FaultJson() {
  const all = plan.value?.data;
  const start = { seed: all?.seed ?? 0, rules: bare(all?.rules ?? []) };
  const text = useSignal(JSON.stringify(start, null, 2));
  const { submit, error, isBusy } = useSubmit(() => store(parse(text.value)), closeOverlay);
  return (
    <Dialog title="The plan as JSON" isWide>
      <form onSubmit={submit}>
        <textarea
          class="field"
          rows={16}
          aria-label="Plan"
          value={text}
          spellcheck={false}
          onInput={event => {
            text.value = event.currentTarget.value;
          }}
        />
        <FormError error={error.value} fields={[]} />
        <DialogActions>
          <button type="submit" class="button primary" disabled={isBusy}>
            Save
          </button>
        </DialogActions>
      </form>
    </Dialog>
  );
}
