import { useComputed, useSignal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { searchFocus } from "../commands";
import { accept, complete, type Suggestion } from "../state/completion";
import { inboxes } from "../state/inboxes";
import { list } from "../state/mailbox";
import { Icon } from "./icons";
import { useDraft } from "./search-draft";
import { SearchPanel } from "./search-panel";

function useChoice() {
  const isOpen = useSignal(false);
  const caret = useSignal(0);
  const chosen = useSignal(-1);
  const close = () => {
    isOpen.value = false;
    chosen.value = -1;
  };
  return { isOpen, caret, chosen, close };
}

export function Search() {
  const field = useRef<HTMLInputElement>(null);
  const { draft, settle, type } = useDraft();
  const { isOpen, caret, chosen, close } = useChoice();
  const completion = useComputed(() =>
    complete(draft.value, caret.value, {
      messages: list.value.items.value.concat(list.value.known),
      inboxes: inboxes.value,
    }),
  );
  const isWrong = list.value.queryError.value !== null;
  const suggestions = isOpen.value ? completion.value.suggestions : [];

  // Within the key's own event: what is typed right behind it belongs to the field.
  useEffect(
    () =>
      searchFocus.subscribe(asked => {
        if (asked > 0) field.current?.select();
      }),
    [],
  );

  const noteCaret = () => {
    caret.value = field.current?.selectionStart ?? 0;
  };

  const take = (suggestion: Suggestion) => {
    const input = field.current;
    if (!input) return;
    const next = accept(draft.value, completion.value, suggestion);
    draft.value = next.text;
    input.value = next.text;
    input.focus();
    input.setSelectionRange(next.caret, next.caret);
    caret.value = next.caret;
    chosen.value = -1;
    if (suggestion.text.endsWith(" ")) settle(next.text);
    isOpen.value = !suggestion.text.endsWith(" ");
  };

  const leave = () => {
    if (draft.value !== "") settle("");
    else field.current?.blur();
  };

  const keys: Record<string, () => void> = {
    ArrowDown: () => {
      isOpen.value = true;
      chosen.value = Math.min(chosen.value + 1, suggestions.length - 1);
    },
    ArrowUp: () => {
      chosen.value = Math.max(chosen.value - 1, -1);
    },
    Escape: () => (suggestions.length > 0 ? close() : leave()),
    Enter: () => {
      const suggestion = suggestions[chosen.value];
      if (suggestion) return take(suggestion);
      settle(draft.value);
      close();
      if (!isWrong) field.current?.blur(); // what was found goes by keys
    },
  };

  const onKeyDown = (event: KeyboardEvent) => {
    const suggestion = suggestions[Math.max(chosen.value, 0)];
    const isTab = event.key === "Tab" && !event.shiftKey && draft.value !== "" && suggestion;
    const run = isTab ? () => take(suggestion) : keys[event.key];
    if (!run || event.isComposing) return;
    event.preventDefault();
    run();
  };

  return (
    // <search> is too young for the browsers we serve.
    <form class="search" role="search" onSubmit={event => event.preventDefault()}>
      <Icon name="search" />
      <input
        ref={field}
        type="text"
        inputMode="search"
        enterkeyhint="search"
        role="combobox"
        value={draft.value}
        placeholder="Search: from: subject: is:unread…"
        aria-label="Search messages"
        aria-expanded={suggestions.length > 0}
        aria-controls="search-options"
        aria-autocomplete="list"
        aria-activedescendant={chosen.value >= 0 ? `search-option-${chosen.value}` : undefined}
        aria-invalid={isWrong ? "true" : undefined}
        aria-describedby={isWrong ? "search-error" : undefined}
        autocomplete="off"
        spellcheck={false}
        onInput={event => {
          type(event.currentTarget.value);
          noteCaret();
          isOpen.value = true;
          chosen.value = -1;
        }}
        onFocus={() => {
          isOpen.value = true;
        }}
        onBlur={close}
        onKeyUp={noteCaret}
        onClick={noteCaret}
        onKeyDown={onKeyDown}
      />
      {draft.value !== "" && (
        <button
          type="button"
          class="icon-button search-clear"
          aria-label="Clear the search"
          title="Clear (Esc)"
          onClick={() => {
            settle("");
            field.current?.focus();
          }}
        >
          <Icon name="close" />
        </button>
      )}
      <SearchPanel suggestions={suggestions} chosen={chosen.value} take={take} />
    </form>
  );
}
