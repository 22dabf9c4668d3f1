import type { ComponentChildren } from "preact";
import { useLayoutEffect, useRef } from "preact/hooks";
import { Icon } from "./icons";

/**
 * For a <dialog> over the page, with the focus kept inside; Escape and a click beside it close it.
 * `onClose` is told at once: the element's own event comes a moment later, and a key pressed in
 * between would be lost.
 */
export function useModal(onClose: () => void) {
  const ref = useRef<HTMLDialogElement>(null);
  useLayoutEffect(() => ref.current?.showModal(), []);

  const close = () => {
    ref.current?.close(); // gives the focus back
    onClose();
  };
  const attributes = {
    ref,
    onCancel: close,
    onClose: () => ref.current && onClose(), // by the browser alone
    onClick: (event: Event) => {
      if (event.target === ref.current) close();
    },
  };
  return { attributes, close };
}

interface Props {
  title: string;
  onClose: () => void;
  isWide?: boolean;
  children: ComponentChildren;
}

export function Dialog({ title, onClose, isWide = false, children }: Props) {
  const { attributes, close } = useModal(onClose);

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
