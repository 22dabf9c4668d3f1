// Fields of a form, each with its name, a hint, and what the server says is wrong with it.

import { useSignal } from "@preact/signals";
import type { ComponentChildren } from "preact";
import { useId } from "preact/hooks";
import { type ApiError, toApiError } from "../api";
import { Icon } from "./icons";

/** Sends a form once at a time; `error` is why the last try failed. */
export function useSubmit(send: () => Promise<void>, done: () => void) {
  const error = useSignal<ApiError | null>(null);
  const isBusy = useSignal(false);
  const submit = async (event?: Event) => {
    event?.preventDefault();
    if (isBusy.value) return;
    isBusy.value = true;
    error.value = null;
    try {
      await send();
      done();
    } catch (reason) {
      error.value = toApiError(reason);
    } finally {
      isBusy.value = false;
    }
  };
  return { submit, error, isBusy };
}

interface FieldProps {
  label: string;
  hint?: string;
  /** Of the request; what is wrong with it is said here. */
  name: string;
  error: ApiError | null;
  children(attributes: {
    id: string;
    "aria-describedby": string;
    "aria-invalid": "true" | undefined;
  }): ComponentChildren;
}

const isOf = (name: string) => (fault: { field: string }) =>
  fault.field === name || fault.field.startsWith(`${name}[`) || fault.field.startsWith(`${name}.`);

export function Field({ label, hint, name, error, children }: FieldProps) {
  const id = useId();
  const fault = error?.fields.find(isOf(name));
  return (
    <div class="form-field">
      <label for={id}>{label}</label>
      {children({
        id,
        "aria-describedby": `${id}-hint`,
        "aria-invalid": fault ? "true" : undefined,
      })}
      <p id={`${id}-hint`} class={fault ? "form-fault" : "form-hint"}>
        {fault ? fault.detail : hint}
      </p>
    </div>
  );
}

/** What is wrong with the whole of it, unless a field says so. */
export function FormError({ error, fields }: { error: ApiError | null; fields: string[] }) {
  const isShownElsewhere = error?.fields.some(fault => fields.some(name => isOf(name)(fault)));
  if (!error || isShownElsewhere) return null;
  const [first] = error.fields;
  return (
    <p class="form-error" role="alert">
      <Icon name="warning" />
      <span>
        {first && <code>{first.field}</code>} {first?.detail ?? error.message}
      </span>
    </p>
  );
}
