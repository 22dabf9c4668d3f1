import { useState } from "preact/hooks";
import { getHeaders, type Header, type Message } from "../../api";
import { useResource } from "../resource";
import { Loaded, Nothing } from "../state";

type Style = "decoded" | "raw";

/** The clauses of a Received header, each on a line of its own. */
function clauses(value: string): string {
  return value.replace(/\s+(?=(?:by|with|for|via|id)\s)/gi, "\n").replace(/;\s*/, ";\n");
}

function shown(header: Header, style: Style): string {
  if (style === "raw") return header.raw.replace(/^[^:]*:[ \t]?/, "");
  return header.name.toLowerCase() === "received" ? clauses(header.value) : header.value;
}

/** Received headers are counted from the first hop, which is the last in the message. */
function hops(headers: readonly Header[]): Map<Header, string> {
  const received = headers.filter(({ name }) => name.toLowerCase() === "received");
  return new Map(received.map((header, index) => [header, `hop ${received.length - index}`]));
}

function Table({ headers, style }: { headers: readonly Header[]; style: Style }) {
  const hop = hops(headers);
  return (
    <table class="headers">
      <thead class="visually-hidden">
        <tr>
          <th scope="col">Name</th>
          <th scope="col">Value</th>
        </tr>
      </thead>
      <tbody>
        {headers.map((header, index) => (
          <tr key={index}>
            <th scope="row">
              {header.name}
              {hop.has(header) && <span class="hop">{hop.get(header)}</span>}
            </th>
            <td dir="auto">{shown(header, style)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function Headers({ all }: { all: readonly Header[] }) {
  const [filter, setFilter] = useState("");
  const [style, setStyle] = useState<Style>("decoded");
  const wanted = filter.trim().toLowerCase();
  const headers = all.filter(({ name, value }) =>
    `${name}: ${value}`.toLowerCase().includes(wanted),
  );

  if (all.length === 0) return <Nothing icon="envelope" title="This message has no headers" />;
  return (
    <>
      <div class="tools">
        <input
          class="field"
          type="search"
          placeholder="Filter headers"
          aria-label="Filter headers"
          value={filter}
          onInput={event => setFilter(event.currentTarget.value)}
        />
        <button
          type="button"
          class="button"
          aria-pressed={style === "raw"}
          onClick={() => setStyle(style === "raw" ? "decoded" : "raw")}
        >
          As received
        </button>
      </div>
      <div class="scroll" tabIndex={0}>
        {headers.length > 0 ? (
          <Table headers={headers} style={style} />
        ) : (
          <Nothing icon="search" title="No header matches" />
        )}
      </div>
    </>
  );
}

export function HeadersTab({ message }: { message: Message }) {
  const resource = useResource(signal => getHeaders(message.id, signal));
  return <Loaded resource={resource}>{headers => <Headers all={headers} />}</Loaded>;
}
