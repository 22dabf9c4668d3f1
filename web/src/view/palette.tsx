import { useComputed, useSignal } from "@preact/signals";
import { useLayoutEffect, useRef } from "preact/hooks";
import { type Find, findAll } from "../state/palette";
import { useModal } from "./dialog";
import { Icon, type IconName } from "./icons";
import { Keys } from "./keys";

const icons: Record<Find["kind"], IconName> = {
  Command: "keys",
  Inbox: "inbox",
  Message: "envelope",
  Search: "search",
};

interface OptionProps {
  find: Find;
  id: string;
  isChosen: boolean;
  run(find: Find): void;
}

function Option({ find, id, isChosen, run }: OptionProps) {
  const ref = useRef<HTMLLIElement>(null);
  useLayoutEffect(() => {
    if (isChosen) ref.current?.scrollIntoView({ block: "nearest" });
  }, [isChosen]);
  return (
    <li
      ref={ref}
      id={id}
      role="option"
      aria-selected={isChosen}
      onMouseDown={event => event.preventDefault()}
      onClick={() => run(find)}
    >
      <Icon name={icons[find.kind]} />
      <span class="palette-title" dir="auto">
        {find.title}
      </span>
      <span class="palette-kind">{find.command ? <Keys command={find.command} /> : find.kind}</span>
    </li>
  );
}

/** Everything by its name. */
export function Palette() {
  const { attributes, close } = useModal();
  const text = useSignal("");
  const chosen = useSignal(0);
  const finds = useComputed(() => findAll(text.value));

  /** Another overlay may be what it opens. */
  const run = (find: Find) => {
    close();
    find.run();
  };

  const last = finds.value.length - 1;
  const keys: Record<string, () => void> = {
    ArrowDown: () => {
      chosen.value = chosen.value >= last ? 0 : chosen.value + 1;
    },
    ArrowUp: () => {
      chosen.value = chosen.value <= 0 ? last : chosen.value - 1;
    },
    Enter: () => {
      const find = finds.value[chosen.value];
      if (find) run(find);
    },
  };

  return (
    <dialog
      {...attributes}
      class="dialog palette"
      aria-label="Find anything"
      onKeyDown={event => {
        const act = keys[event.key];
        if (!act || event.isComposing) return;
        event.preventDefault();
        act();
      }}
    >
      <input
        type="text"
        role="combobox"
        aria-label="Find anything"
        aria-expanded="true"
        aria-controls="palette-options"
        aria-activedescendant={last >= 0 ? `palette-option-${chosen.value}` : undefined}
        aria-autocomplete="list"
        placeholder="A command, an inbox, a message…"
        autocomplete="off"
        spellcheck={false}
        value={text}
        onInput={event => {
          text.value = event.currentTarget.value;
          chosen.value = 0;
        }}
      />
      <ul id="palette-options" role="listbox" aria-label="Found">
        {finds.value.map((find, index) => (
          <Option
            key={find.key}
            find={find}
            id={`palette-option-${index}`}
            isChosen={index === chosen.value}
            run={run}
          />
        ))}
      </ul>
    </dialog>
  );
}
