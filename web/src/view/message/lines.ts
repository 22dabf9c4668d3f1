// Raw bytes as lines to look at: nothing is hidden, and no line is so long that drawing it hurts.

export interface Line {
  number: number | null; // null: the rest of a line that was cut
  text: string;
  ending: "LF" | "CR" | null; // what it ends with instead of CRLF; null also at the very end
}

const MAX_COLUMNS = 1000;

/** UTF-8, or where it is none, one character a byte. A character cut off at the end is left out. */
export function decode(bytes: Uint8Array): string {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes, {
      stream: true,
    });
  } catch {
    return new TextDecoder("windows-1252").decode(bytes);
  }
}

/** Control characters by the pictures Unicode has for them. */
function visible(text: string): string {
  // They are what is looked for.
  return text.replace(/[\0-\x08\x0b-\x1f\x7f]/g, c =>
    c === "\x7f" ? "␡" : String.fromCharCode(0x2400 + c.charCodeAt(0)),
  );
}

function columns(text: string): string[] {
  const pieces: string[] = [];
  for (let at = 0; at === 0 || at < text.length; at += MAX_COLUMNS) {
    pieces.push(text.slice(at, at + MAX_COLUMNS));
  }
  return pieces;
}

const endings: Record<string, Line["ending"]> = { "\n": "LF", "\r": "CR" };

export function toLines(raw: string): Line[] {
  const lines: Line[] = [];
  const pattern = /([^\r\n]*)(\r\n|\r|\n|$)/g;
  let number = 0;
  for (const [whole, text = "", end = ""] of raw.matchAll(pattern)) {
    if (whole === "") continue;
    const pieces = columns(visible(text));
    const ending = endings[end] ?? null;
    number++;
    pieces.forEach((piece, index) => {
      const isLast = index === pieces.length - 1;
      lines.push({
        number: index === 0 ? number : null,
        text: piece,
        ending: isLast ? ending : null,
      });
    });
  }
  return lines;
}
