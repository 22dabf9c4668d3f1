// A line of source in pieces of one colour each. Each line is looked at by itself: what spans lines
// is painted as far as one can tell from the line.

export interface Piece {
  text: string;
  kind?: "name" | "value" | "tag" | "comment";
}

/** `Name: value` of a message's header. */
export function paintHeader(text: string): Piece[] {
  const match = /^([!-9;-~]+:)(.*)$/.exec(text);
  if (!match) return [{ text }];
  return [{ text: match[1] as string, kind: "name" }, { text: match[2] as string }];
}

const HTML = /(<!--.*?(?:-->|$))|(<\/?[a-zA-Z][\w:-]*|\/?>|<![^>]*>?)|([a-zA-Z_:][\w:.-]*)(?==)|("[^"]*"|'[^']*')/g;
const kinds = ["comment", "tag", "name", "value"] as const;
const MOST = 200; // pieces of a line: what comes behind them is not painted, or drawing it hurts

export function paintHtml(text: string): Piece[] {
  const pieces: Piece[] = [];
  let at = 0;
  for (const match of text.matchAll(HTML)) {
    if (match.index > at) pieces.push({ text: text.slice(at, match.index) });
    const kind = kinds[match.slice(1).findIndex(group => group !== undefined)];
    pieces.push(kind ? { text: match[0], kind } : { text: match[0] });
    at = match.index + match[0].length;
    if (pieces.length >= MOST) break;
  }
  if (at < text.length || pieces.length === 0) pieces.push({ text: text.slice(at) });
  return pieces;
}
