import { type Message, messageUrl } from "../../api";
import { Icon } from "../icons";
import { Code } from "./code";
import type { Line } from "./lines";
import { type Piece, paintHeader } from "./paint";

const ends = new WeakMap<readonly Line[], number>();

/** Where the header ends: at the first empty line. */
function headerEnd(lines: readonly Line[]): number {
  let end = ends.get(lines);
  if (end === undefined) {
    const empty = lines.findIndex(line => line.text === "");
    end = empty < 0 ? lines.length : empty;
    ends.set(lines, end);
  }
  return end;
}

function paint(line: Line, index: number, lines: readonly Line[]): readonly Piece[] {
  return index < headerEnd(lines) && line.number !== null
    ? paintHeader(line.text)
    : [{ text: line.text }];
}

export function RawTab({ message }: { message: Message }) {
  return (
    <Code url={messageUrl(message.id, "/raw")} paint={paint} endings total={message.size}>
      <a
        class="button"
        href={messageUrl(message.id, "/raw?download=true")}
        download={`message-${message.id}.eml`}
      >
        <Icon name="download" /> Download
      </a>
    </Code>
  );
}
