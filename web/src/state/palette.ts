// What the palette finds: commands that apply, inboxes, messages that are loaded, and a search.

import { type Command, commands, goToInbox } from "../commands";
import { inboxes } from "./inboxes";
import { list, openMessage, setQuery } from "./mailbox";

export interface Find {
  key: string;
  kind: "Command" | "Inbox" | "Message" | "Search";
  title: string;
  command?: Command; // whose keys are shown
  run(): void;
}

const MOST_MESSAGES = 6;
const MOST_INBOXES = 8;

/** Every word begins somewhere in the text; null if not, else how far in front they stand. */
export function rank(text: string, words: readonly string[]): number | null {
  const lower = text.toLowerCase();
  let sum = 0;
  for (const word of words) {
    const at = lower.indexOf(word);
    if (at === -1) return null;
    sum += at;
  }
  return sum;
}

function best(finds: Find[], words: readonly string[], most: number): Find[] {
  return finds
    .flatMap(find => {
      const score = rank(find.title, words);
      return score === null ? [] : [{ find, score }];
    })
    .sort((a, b) => a.score - b.score)
    .slice(0, most)
    .map(({ find }) => find);
}

/** Inboxes first: to go from one to another is what it is opened for most. */
export function findAll(text: string): Find[] {
  const words = text.toLowerCase().split(/\s+/).filter(Boolean);
  const usable = commands.filter(
    ({ name, applies }) => name !== "palette" && (applies?.() ?? true),
  );
  const byCommand = usable.map((command): Find => ({
    key: `command ${command.name}`,
    kind: "Command",
    title: command.title,
    command,
    run: command.run,
  }));
  const byInbox = inboxes.value.map(({ id, name }): Find => ({
    key: `inbox ${id}`,
    kind: "Inbox",
    title: name,
    run: () => goToInbox(name),
  }));
  const byMessage = list.value.items.value.slice(0, 500).map(({ id, subject }): Find => ({
    key: `message ${id}`,
    kind: "Message",
    title: subject || "(no subject)",
    run: () => openMessage(id),
  }));
  const search: Find = {
    key: "search",
    kind: "Search",
    title: `Search for ${text.trim()}`,
    run: () => setQuery(text.trim()),
  };
  return [
    ...best(byInbox, words, MOST_INBOXES),
    ...best(byCommand, words, usable.length),
    ...(words.length > 0 ? [...best(byMessage, words, MOST_MESSAGES), search] : []),
  ];
}
