import type { Command } from "../commands";

/** The keys of a command, as they are pressed. */
export function Keys({ command }: { command: Command }) {
  const text = command.shown ?? command.keys[0];
  if (!text) return null;
  return text.split(" ").map(key => <kbd key={key}>{key}</kbd>);
}
