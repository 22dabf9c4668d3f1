// What is said of a mail's HTML without showing it. It is looked at as text: a document made of it
// would be held to the page's own policy.

const REMOTE = String.raw`\s*["']?\s*(?:https?:)?\/\/`;
const PICTURE = new RegExp(
  [
    String.raw`<(?:img|image|input)\b[^>]{0,500}?\s(?:src|href|xlink:href)\s*=${REMOTE}`,
    String.raw`\sbackground\s*=${REMOTE}`,
    String.raw`\burl\(${REMOTE}`,
  ].join("|"),
  "gi",
);

function withoutComments(html: string): string {
  const [first = "", ...others] = html.split("<!--");
  return first + others.map(piece => piece.slice(piece.indexOf("-->") + 1)).join("");
}

/** How many pictures it would fetch from elsewhere. */
export function remoteImages(html: string): number {
  return withoutComments(html).match(PICTURE)?.length ?? 0;
}

/** Whether it has colours of its own for readers who like it dark. */
export function hasDarkColours(html: string): boolean {
  return /\(\s*prefers-color-scheme\s*:\s*dark\s*\)/i.test(html);
}
