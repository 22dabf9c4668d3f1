// What the field above the list lets through: every word must be in the subject, an address, the
// first words of the text or the name of an attachment.

import type { Address, Message } from "../api";

function addresses(list: readonly Address[]): string {
  return list.map(({ name, address }) => `${name} ${address}`).join(" ");
}

function searchable(message: Message): string {
  return [
    message.subject,
    addresses(message.from),
    addresses(message.to),
    addresses(message.cc),
    message.envelope.from,
    message.envelope.to.join(" "),
    message.preview,
    message.attachments.map(attachment => attachment.filename ?? "").join(" "),
  ]
    .join("\n")
    .toLowerCase();
}

/** Null where the query says nothing. */
export function matcher(query: string): ((message: Message) => boolean) | null {
  const words = query.toLowerCase().split(/\s+/).filter(Boolean);
  if (words.length === 0) return null;
  return message => {
    const text = searchable(message);
    return words.every(word => text.includes(word));
  };
}
