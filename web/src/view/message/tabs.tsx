import { useRef } from "preact/hooks";
import { type Tab, tabs } from "../../route";
import { showTab, tab } from "../../state/mailbox";

const titles: Record<Tab, string> = {
  preview: "Preview",
  text: "Text",
  source: "Source",
  headers: "Headers",
  parts: "Parts",
  transcript: "Transcript",
  raw: "Raw",
};

const steps: Record<string, number> = { ArrowLeft: -1, ArrowRight: 1 };

export function Tabs() {
  const ref = useRef<HTMLDivElement>(null);

  const onKeyDown = (event: KeyboardEvent) => {
    const by = steps[event.key];
    if (by === undefined) return;
    event.preventDefault();
    const index = (tabs.indexOf(tab.value) + by + tabs.length) % tabs.length;
    showTab(tabs[index] as Tab);
    ref.current?.querySelectorAll("button")[index]?.focus();
  };

  return (
    <div
      class="tabs"
      role="tablist"
      aria-label="Views of the message"
      ref={ref}
      onKeyDown={onKeyDown}
    >
      {tabs.map((name, index) => (
        <button
          type="button"
          key={name}
          role="tab"
          id={`tab-${name}`}
          class="tab"
          aria-selected={name === tab.value}
          aria-controls="tab-panel"
          tabIndex={name === tab.value ? 0 : -1}
          title={`${titles[name]} (${index + 1})`}
          onClick={() => showTab(name)}
        >
          {titles[name]}
        </button>
      ))}
    </div>
  );
}
