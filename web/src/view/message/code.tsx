// Text of any length, line by line: numbered, painted, and drawn as far as it is in sight.

import type { ComponentChildren } from "preact";
import { useMemo, useState } from "preact/hooks";
import { getExcerpt } from "../../api";
import { CopyButton } from "../copy";
import { size } from "../format";
import { useResource } from "../resource";
import { Loaded } from "../state";
import { useWindow } from "../window";
import { decode, type Line, toLines } from "./lines";
import type { Piece } from "./paint";

const FIRST = 512 * 1024; // bytes read before asking
const STEP = 8; // each time more is asked for, this many times as much
// Up to so much all is drawn, so that the browser's own search finds it.
const LINES_DRAWN = 1500;
const TEXT_DRAWN = 128 * 1024; // characters
const LINE_HEIGHT = 20; // as in raw.css

type Paint = (line: Line, index: number, lines: readonly Line[]) => readonly Piece[];

function Painted({ pieces }: { pieces: readonly Piece[] }) {
  return pieces.map(({ text, kind }, index) =>
    kind ? (
      <span key={index} class={`paint-${kind}`}>
        {text}
      </span>
    ) : (
      text
    ),
  );
}

function LineRow({ line, index, pieces }: { line: Line; index: number; pieces: readonly Piece[] }) {
  return (
    <div class="line" style={{ top: `${index * LINE_HEIGHT}px` }}>
      <span class="line-number">{line.number}</span>
      <span class="line-text">
        <Painted pieces={pieces} />
        {line.ending && (
          <span class="line-ending" title={`This line ends in ${line.ending} alone`}>
            {line.ending}
          </span>
        )}
      </span>
    </div>
  );
}

interface LinesProps {
  lines: readonly Line[];
  paint: Paint;
  isLong: boolean;
}

function Lines({ lines, paint, isLong }: LinesProps) {
  const { ref, first, end, measure } = useWindow<HTMLDivElement>(lines.length, LINE_HEIGHT);
  const all = !isLong && lines.length <= LINES_DRAWN;
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
          <LineRow
            key={from + index}
            line={line}
            index={from + index}
            pieces={paint(line, from + index, lines)}
          />
        ))}
      </div>
    </div>
  );
}

interface Props {
  url: string;
  paint: Paint;
  endings: boolean; // whether those that are not CRLF are shown
  total?: number; // octets of all of it, where that is known
  children?: ComponentChildren; // further tools
}

interface ShownProps extends Props {
  bytes: Uint8Array;
  complete: boolean;
  more: () => void;
}

function extent({ bytes, complete, total }: ShownProps): string {
  if (complete) return size(bytes.length);
  return `First ${size(bytes.length)}${total ? ` of ${size(total)}` : ""}`;
}

function Shown(props: ShownProps) {
  const { bytes, complete, more, paint, endings, children } = props;
  const text = useMemo(() => decode(bytes), [bytes]);
  const lines = useMemo(() => {
    const all = toLines(text);
    return endings ? all : all.map(line => ({ ...line, ending: null }));
  }, [text, endings]);
  return (
    <>
      <div class="tools">
        <p class="tools-text">
          {extent(props)}
          {!complete && (
            <button type="button" class="link" onClick={more}>
              Show more
            </button>
          )}
        </p>
        <CopyButton text={text} label="Copy" />
        {children}
      </div>
      <Lines lines={lines} paint={paint} isLong={text.length > TEXT_DRAWN} />
    </>
  );
}

function Excerpt({ limit, ...props }: Props & { limit: number; more: () => void }) {
  const resource = useResource(signal => getExcerpt(props.url, 0, limit, signal));
  return (
    <Loaded resource={resource}>
      {({ bytes, complete }) => <Shown {...props} bytes={bytes} complete={complete} />}
    </Loaded>
  );
}

/** What is at the URL, as far as it is wanted. */
export function Code(props: Props) {
  const [limit, setLimit] = useState(FIRST);
  return <Excerpt key={limit} {...props} limit={limit} more={() => setLimit(limit * STEP)} />;
}
