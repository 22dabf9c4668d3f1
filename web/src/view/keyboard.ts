import { commandFor, firstKeys, overlay } from "../commands";

const FIELDS = "input:not([type=checkbox]), textarea, select, [contenteditable]";
const PRESSABLE = "a, button, summary";
const SECOND_KEY_MS = 1500;

let first: { key: string; at: number } | null = null;

/** The key, with the one before it where that one waits for a second. */
function withFirst(event: KeyboardEvent): string {
  const begun = first && event.timeStamp - first.at < SECOND_KEY_MS ? first.key : null;
  first = null;
  return begun ? `${begun} ${event.key}` : event.key;
}

/** Runs the command of a key, unless the key is meant for what has the focus. */
export function handleKey(event: KeyboardEvent): void {
  const target = event.target instanceof Element ? event.target : null;
  if (event.defaultPrevented || event.isComposing) return;
  if ((event.metaKey || event.ctrlKey) && event.key === "k") {
    event.preventDefault();
    overlay.value = "palette";
    return;
  }
  if (event.metaKey || event.ctrlKey || event.altKey) return;
  if (overlay.value !== null || target?.closest(FIELDS)) return;
  if (event.key === "Enter" && target?.closest(PRESSABLE)) return;
  const key = withFirst(event);
  if (firstKeys.has(key)) first = { key, at: event.timeStamp };
  const command = commandFor(key);
  if (!command) return;
  event.preventDefault();
  command.run();
}
