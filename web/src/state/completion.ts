// What the search field offers to finish a query with: operators, and behind some of them values.
// The language is the server's; what is offered here is the part of it that people need often.

import type { Address, Inbox, Message } from "../api";

export interface Suggestion {
  text: string; // what stands in the field instead of what was begun
  hint: string;
}

export interface Completion {
  start: number; // of what was begun
  end: number;
  suggestions: Suggestion[];
}

export interface Known {
  messages: readonly Message[];
  inboxes: readonly Inbox[];
}

const MOST = 8;
const LOOKED_AT = 500; // messages whose addresses are offered

const operators: [string, string][] = [
  ["from:", "sender"],
  ["to:", "recipient in the header"],
  ["subject:", "words of the subject"],
  ["is:", "read, unread, pinned"],
  ["has:", "attachment, html, warning"],
  ["after:", "received since, such as 2d"],
  ["before:", "received before"],
  ["rcpt:", "recipient in the envelope"],
  ["text:", "words of the text"],
  ["filename:", "name of an attachment"],
  ["tag:", "marked with a tag"],
  ["warning:", "what a stricter server would say"],
  ["larger:", "size, such as 5M"],
  ["smaller:", "size, such as 10k"],
  ["header:", "any field, such as X-Tenant=42"],
  ["inbox:", "name of an inbox"],
  ["addressed:", "recipient anywhere"],
  ["cc:", "copy"],
  ["bcc:", "blind copy"],
  ["reply-to:", "where answers go"],
  ["envelope-from:", "sender in the envelope"],
  ["message-id:", "whole value"],
  ["helo:", "name the client gave"],
  ["ip:", "address of the client"],
  ["session:", "number of a session"],
];

const fixed: Record<string, [string, string][]> = {
  is: [
    ["unread", "not opened yet"],
    ["read", "opened"],
    ["pinned", "kept"],
  ],
  has: [
    ["attachment", "files that go along"],
    ["html", "an HTML part"],
    ["inline", "inline images"],
    ["warning", "warnings"],
  ],
  after: [
    ["1h", "the last hour"],
    ["1d", "the last day"],
    ["7d", "the last week"],
  ],
  before: [
    ["1h", "older than an hour"],
    ["1d", "older than a day"],
    ["7d", "older than a week"],
  ],
  larger: [
    ["100k", "100 KiB"],
    ["1M", "1 MiB"],
  ],
  smaller: [
    ["10k", "10 KiB"],
    ["100k", "100 KiB"],
  ],
};

/** Operators that take no other value. */
const chosen = new Set(["is", "has"]);

const people = (pick: (message: Message) => readonly (Address | string)[]) => {
  return ({ messages }: Known): [string, string][] =>
    messages
      .flatMap(pick)
      .map(who => (typeof who === "string" ? [who, ""] : [who.address, who.name]));
};

const recipients = (message: Message) => [...message.to, ...message.cc, ...message.envelope.to];

const found: Record<string, (known: Known) => [string, string][]> = {
  from: people(({ from, envelope }) => [...from, envelope.from]),
  to: people(({ to }) => to),
  cc: people(({ cc }) => cc),
  bcc: people(({ bcc }) => bcc),
  addressed: people(recipients),
  rcpt: people(({ envelope }) => envelope.to),
  "envelope-from": people(({ envelope }) => [envelope.from]),
  "reply-to": people(message => message.reply_to),
  inbox: ({ inboxes }) => inboxes.map(({ name }) => [name, "inbox"]),
  tag: ({ messages }) => messages.flatMap(({ tags }) => tags.map(tag => [tag, "tag"] as const)) as [
    string,
    string,
  ][],
  warning: ({ messages }) =>
    messages.flatMap(({ warnings }) =>
      warnings.map(({ code, reference }): [string, string] => [code, reference]),
    ),
};

/** Where the word begins that ends at `end`; null inside a quotation. */
function wordStart(text: string, end: number): number | null {
  let start = 0;
  let quoted = false;
  for (let at = 0; at < end; at++) {
    if (text[at] === '"' && text[at - 1] !== "\\") quoted = !quoted;
    else if (!quoted && /[\s(]/.test(text[at] as string)) start = at + 1;
  }
  return quoted ? null : start;
}

function values(operator: string, known: Known): [string, string][] {
  const looked = { ...known, messages: known.messages.slice(0, LOOKED_AT) };
  const all = fixed[operator] ?? found[operator]?.(looked) ?? [];
  const hints = new Map<string, string>();
  for (const [value, hint] of all) if (value && !hints.get(value)) hints.set(value, hint);
  return [...hints];
}

/** The word that ends at `end`, with where it begins. */
function wordAt(text: string, end: number) {
  const start = wordStart(text, end) ?? end;
  const word = text.slice(start, end);
  const [, sign = "", operator, value = ""] = /^([-!]*)(?:([a-z-]+):)?(.*)$/i.exec(word) ?? [];
  return { start, sign, operator, value };
}

/** Whether the last word is an operator with no value yet, or with the beginning of one: there is
 * nothing to look for. */
export function isBegun(text: string): boolean {
  const { operator = "", value } = wordAt(text, text.length);
  const name = operator.toLowerCase();
  if (value === "") return operators.some(([offered]) => offered === `${name}:`);
  const words = chosen.has(name) ? (fixed[name] ?? []).map(([word]) => word) : [];
  const begun = value.toLowerCase();
  return words.some(word => word.startsWith(begun)) && !words.includes(begun);
}

/** What may stand where the caret is. */
export function complete(text: string, caret: number, known: Known): Completion {
  const { start, sign, operator, value } = wordAt(text, caret);
  const begun = value.toLowerCase();
  const isInQuotes = wordStart(text, caret) === null;
  const all = operator ? values(operator.toLowerCase(), known) : operators;
  const suggestions = (isInQuotes ? [] : all)
    .filter(([offered, hint]) => offered !== value && matches(offered, hint, begun, !operator))
    .slice(0, MOST)
    .map(([offered, hint]) => ({
      text: sign + (operator ? `${operator}:${offered} ` : offered),
      hint,
    }));
  return { start, end: caret, suggestions };
}

/** Operators by how they begin, values by any part of them. */
function matches(offered: string, hint: string, begun: string, isOperator: boolean): boolean {
  const text = offered.toLowerCase();
  return isOperator ? text.startsWith(begun) : `${text} ${hint.toLowerCase()}`.includes(begun);
}

/** The query with a suggestion taken, and where the caret goes. */
export function accept(
  text: string,
  { start, end }: Completion,
  suggestion: Suggestion,
): { text: string; caret: number } {
  const rest = suggestion.text.endsWith(" ") ? text.slice(end).trimStart() : text.slice(end);
  return {
    text: text.slice(0, start) + suggestion.text + rest,
    caret: start + suggestion.text.length,
  };
}
