import { useSignal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { isBegun } from "../state/completion";
import { query, setQuery } from "../state/mailbox";

const PAUSE_MS = 180; // after the last key, before the search begins

/** The text of the field runs ahead of the query while somebody types. */
export function useDraft() {
  const draft = useSignal(query.value);
  const timer = useRef<ReturnType<typeof setTimeout> | undefined>(undefined);
  const settle = (text: string) => {
    clearTimeout(timer.current);
    timer.current = undefined;
    draft.value = text;
    setQuery(text.trim());
  };
  const type = (text: string) => {
    draft.value = text;
    clearTimeout(timer.current);
    timer.current = isBegun(text) ? undefined : setTimeout(() => settle(text), PAUSE_MS);
  };
  useEffect(
    () =>
      query.subscribe(text => {
        if (timer.current === undefined && text !== draft.peek().trim()) draft.value = text;
      }),
    [],
  );
  useEffect(() => () => clearTimeout(timer.current), []);
  return { draft, settle, type };
}
