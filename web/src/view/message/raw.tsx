import { useMemo, useState } from "preact/hooks";
import { getExcerpt, type Message, messageUrl } from "../../api";
import { CopyButton } from "../copy";
import { size } from "../format";
import { Icon } from "../icons";
import { useResource } from "../resource";
import { Loaded } from "../state";
import { useWindow } from "../window";
import { decode, type Line, toLines } from "./lines";

const FIRST = 512 * 1024; // bytes read before asking
const STEP = 8; // each time more is asked for, this many times as much
const ALL_DRAWN = 1500; // lines up to which all are drawn, so that the browser's own search finds them
const LINE_HEIGHT = 20; // as in raw.css

function LineRow({ line, index }: { line: Line; index: number }) {
  return (
    <div class="line" style={{ top: `${index * LINE_HEIGHT}px` }}>
      <span class="line-number">{line.number}</span>
      <span class="line-text">
        {line.text}
        {line.ending && (
          <span class="line-ending" title={`This line ends in ${line.ending} alone`}>
            {line.ending}
          </span>
        )}
      </span>
    </div>
  );
}

function Lines({ lines }: { lines: readonly Line[] }) {
  const { ref, first, end, measure } = useWindow<HTMLDivElement>(lines.length, LINE_HEIGHT);
  const all = lines.length <= ALL_DRAWN;
  const from = all ? 0 : first;
  const drawn = all ? lines : lines.slice(first, end);
  const digits = String(lines.at(-1)?.number ?? lines.length).length;
  return (
    <div class="scroll raw" ref={ref} tabIndex={0} onScroll={all ? undefined : measure}>
      <div
        class="lines"
        style={{ height: `${lines.length * LINE_HEIGHT}px`, "--digits": String(digits) }}
      >
        {drawn.map((line, index) => (
          <LineRow key={from + index} line={line} index={from + index} />
        ))}
      </div>
    </div>
  );
}

interface Props {
  message: Message;
  limit: number;
  more: () => void;
}

function Excerpt({ message, limit, more }: Props) {
  const url = messageUrl(message.id, "/raw");
  const resource = useResource(signal => getExcerpt(url, 0, limit, signal));
  return (
    <Loaded resource={resource}>
      {({ bytes, complete }) => (
        <Source bytes={bytes} complete={complete} message={message} more={more} />
      )}
    </Loaded>
  );
}

interface SourceProps {
  bytes: Uint8Array;
  complete: boolean;
  message: Message;
  more: () => void;
}

function Source({ bytes, complete, message, more }: SourceProps) {
  const text = useMemo(() => decode(bytes), [bytes]);
  const lines = useMemo(() => toLines(text), [text]);
  return (
    <>
      <div class="tools">
        <p class="tools-text">
          {complete ? size(message.size) : `First ${size(bytes.length)} of ${size(message.size)}`}
          {!complete && (
            <button type="button" class="link" onClick={more}>
              Show more
            </button>
          )}
        </p>
        <CopyButton text={text} label="Copy" />
        <a
          class="button"
          href={messageUrl(message.id, "/raw?download=true")}
          download={`message-${message.id}.eml`}
        >
          <Icon name="download" /> Download
        </a>
      </div>
      <Lines lines={lines} />
    </>
  );
}

export function RawTab({ message }: { message: Message }) {
  const [limit, setLimit] = useState(FIRST);
  return (
    <Excerpt key={limit} message={message} limit={limit} more={() => setLimit(limit * STEP)} />
  );
}
