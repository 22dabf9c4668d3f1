// The focus must not get lost: the browser leaves it nowhere when what had it goes away.

import { useLayoutEffect, useRef } from "preact/hooks";

const ROW = ".rows [tabindex='0'], .sessions [tabindex='0']";

/** Goes to the row the keyboard is at, if it is in sight. */
function focusRow(): void {
  document.querySelector<HTMLElement>(ROW)?.focus({ preventScroll: true });
}

/** For something that goes away with what is in it: a focus in it goes back to the list. */
export function useFocusBack<E extends HTMLElement>(): { current: E | null } {
  const ref = useRef<E>(null);
  useLayoutEffect(() => {
    const element = ref.current;
    return () => {
      if (element?.contains(document.activeElement)) focusRow();
    };
  }, []);
  return ref;
}
