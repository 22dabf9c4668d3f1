// Replies of several lines (RFC 5321 section 4.2.1), each taken together.

import type { TranscriptEntry } from "../api";

export interface Said {
  entry: TranscriptEntry;
  /** The lines of the same reply that follow. */
  more: string[];
}

const isUnfinished = (text: string) => /^\d{3}-/.test(text);

export function folded(entries: readonly TranscriptEntry[]): Said[] {
  const all: Said[] = [];
  let isOpen = false;
  for (const entry of entries) {
    const reply = entry.from === "server" && "text" in entry ? entry.text : null;
    if (isOpen && reply !== null) all.at(-1)?.more.push(reply);
    else all.push({ entry, more: [] });
    isOpen = reply !== null && isUnfinished(reply);
  }
  return all;
}
