import type { ComponentChildren } from "preact";
import { useLayoutEffect, useRef } from "preact/hooks";
import { closeOverlay } from "../commands";
import { Icon } from "./icons";

const FIRST_FIELD = "form :is(input, select, textarea)"; // whoever opens a form wants to fill it in

/**
 * For a <dialog> over the page, with the focus kept inside; Escape and a click beside it close it.
 * The state changes at once: the element's own event comes a moment later, and a key pressed in
 * between would be lost.
 */
export function useModal() {
  const ref = useRef<HTMLDialogElement>(null);
  useLayoutEffect(() => {
    const dialog = ref.current;
    dialog?.showModal();
    dialog?.querySelector<HTMLElement>(FIRST_FIELD)?.focus();
    return () => dialog?.close(); // gives the focus back, however it ends
  }, []);

  const close = () => {
    ref.current?.close(); // at once: what follows may want the focus elsewhere
    closeOverlay();
  };
  const attributes = {
    ref,
    onCancel: close,
    onClose: () => ref.current && closeOverlay(), // by the browser alone
    onClick: (event: Event) => {
      if (event.target === ref.current) close();
    },
  };
  return { attributes, close };
}

interface Props {
  title: string;
  isWide?: boolean;
  children: ComponentChildren;
}

export function Dialog({ title, isWide = false, children }: Props) {
  const { attributes, close } = useModal();

  return (
    <dialog
      {...attributes}
      class={isWide ? "dialog dialog-wide" : "dialog"}
      aria-labelledby="dialog-title"
    >
      <div class="dialog-box">
        <header class="dialog-head">
          <h2 id="dialog-title">{title}</h2>
          <button type="button" class="icon-button" aria-label="Close" onClick={close}>
            <Icon name="close" />
          </button>
        </header>
        {children}
      </div>
    </dialog>
  );
}

/** The buttons at the end: the way out, and what the dialog is for. */
export function DialogActions({ children }: { children: ComponentChildren }) {
  return (
    <div class="dialog-actions">
      <button type="button" class="button" onClick={closeOverlay}>
        Cancel
      </button>
      {children}
    </div>
  );
}
