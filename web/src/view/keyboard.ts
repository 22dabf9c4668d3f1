import { commandFor, overlay } from "../commands";

const FIELDS = "input, textarea, select, [contenteditable]";
const PRESSABLE = "a, button, summary";

/** Runs the command of a key, unless the key is meant for what has the focus. */
export function handleKey(event: KeyboardEvent): void {
  const target = event.target instanceof Element ? event.target : null;
  if (event.defaultPrevented || event.metaKey || event.ctrlKey || event.altKey) return;
  if (overlay.value !== null || target?.closest(FIELDS)) return;
  if (event.key === "Enter" && target?.closest(PRESSABLE)) return;
  const command = commandFor(event.key);
  if (!command) return;
  event.preventDefault();
  command.run();
}
