import { useSignal } from "@preact/signals";
import type { ApiError, FaultRule } from "../api";
import { closeOverlay } from "../commands";
import { actions, bare, fromForm, type RuleForm, stages, toForm } from "../state/fault-rules";
import { editing, plan, store } from "../state/faults";
import { Dialog, DialogActions } from "./dialog";
import { Field, FormError, useSubmit } from "./form";

const NEW: FaultRule = { stage: "rcpt", reply: { code: 450 }, times: 1 };

type Name = keyof RuleForm;

interface FieldsProps {
  form: RuleForm;
  change(name: Name, value: string): void;
  error: ApiError | null;
  at: string; // where the rule is, as the server names it
}

const choices: [Name, string, readonly (readonly [string, string])[], string][] = [
  ["stage", "When", stages, "stage"],
  ["action", "What happens", actions, "action"],
];

/** Field of the form, label, placeholder, and what the server calls it. */
const inputs: [Name, string, string, string][] = [
  ["code", "Reply code", "450", "reply.code"],
  ["text", "Reply text", "what is usual", "reply.text"],
  ["delay", "Wait, in milliseconds", "0", "delay_ms"],
  ["address", "Only to", "*@slow.test", "address"],
  ["sender", "Only from", "*", "sender"],
  ["times", "How many times", "always", "times"],
  ["after", "Skip the first", "0", "after"],
  ["probability", "Probability, in percent", "100", "probability"],
];

function Fields({ form, change, error, at }: FieldsProps) {
  const isShown = ([name]: [Name, ...unknown[]]) =>
    form.action === "reply" || (name !== "code" && name !== "text");
  return (
    <div class="fault-fields">
      {choices.map(([name, label, options, field]) => (
        <Field key={name} label={label} name={`${at}.${field}`} error={error}>
          {attributes => (
            <select
              {...attributes}
              class="field"
              value={form[name]}
              onChange={event => change(name, event.currentTarget.value)}
            >
              {options.map(([value, text]) => (
                <option key={value} value={value}>
                  {text}
                </option>
              ))}
            </select>
          )}
        </Field>
      ))}
      {inputs.filter(isShown).map(([name, label, placeholder, field]) => (
        <Field key={name} label={label} name={`${at}.${field}`} error={error}>
          {attributes => (
            <input
              {...attributes}
              class="field"
              value={form[name]}
              placeholder={placeholder}
              autocomplete="off"
              spellcheck={false}
              onInput={event => change(name, event.currentTarget.value)}
            />
          )}
        </Field>
      ))}
    </div>
  );
}

/** A rule by its most usual members; the others are kept. */
export function FaultForm() {
  const all = plan.value?.data;
  const index = editing.value ?? 0;
  const old = all?.rules[index] ?? NEW;
  const form = useSignal(toForm(old));
  const { submit, error, isBusy } = useSubmit(async () => {
    if (!all) return;
    const rules = bare(all.rules);
    rules[index] = fromForm(form.value, old);
    await store({ seed: all.seed, rules });
  }, closeOverlay);
  const at = `rules[${index}]`;
  const known = [...choices, ...inputs].map(input => `${at}.${input[3]}`);
  return (
    <Dialog title={old === NEW ? "New rule" : `Rule ${index + 1}`}>
      <form onSubmit={submit}>
        <Fields
          form={form.value}
          change={(name, value) => {
            form.value = { ...form.value, [name]: value };
          }}
          error={error.value}
          at={at}
        />
        <FormError error={error.value} fields={known} />
        <DialogActions>
          <button type="submit" class="button primary" disabled={isBusy}>
            Save
          </button>
        </DialogActions>
      </form>
    </Dialog>
  );
}
