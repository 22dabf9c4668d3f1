import { useState } from "preact/hooks";
import { getHeaders, type Header, type Message } from "../../api";
import { useResource } from "../resource";
import { Loaded, Nothing } from "../state";

/** The clauses of a Received header, each on a line of its own. */
function clauses(value: string): string {
  return value.replace(/\s+(?=(?:by|with|for|via|id)\s)/gi, "\n").replace(/;\s*/, ";\n");
}

function decoded(header: Header): string {
  return header.name.toLowerCase() === "received" ? clauses(header.value) : header.value;
}

const received = ({ raw }: Header): string => raw.replace(/^[^:]*:[ \t]?/, "");

/** Received headers are counted from the first hop, which is the last in the message. */
function hops(headers: readonly Header[]): Map<Header, string> {
  const all = headers.filter(({ name }) => name.toLowerCase() === "received");
  return new Map(all.map((header, index) => [header, `hop ${all.length - index}`]));
}

function Table({ headers, isRaw }: { headers: readonly Header[]; isRaw: boolean }) {
  const hop = hops(headers);
  return (
    <table class="headers" data-raw={isRaw || undefined}>
      <thead class={isRaw ? undefined : "visually-hidden"}>
        <tr>
          <th scope="col">Name</th>
          <th scope="col">{isRaw ? "Decoded" : "Value"}</th>
          {isRaw && <th scope="col">As received</th>}
        </tr>
      </thead>
      <tbody>
        {headers.map((header, index) => (
          <tr key={index}>
            <th scope="row">
              {header.name}
              {hop.has(header) && <span class="hop">{hop.get(header)}</span>}
            </th>
            <td dir="auto">{decoded(header)}</td>
            {isRaw && <td class="header-raw">{received(header)}</td>}
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function Headers({ all }: { all: readonly Header[] }) {
  const [filter, setFilter] = useState("");
  const [isRaw, setRaw] = useState(false);
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
          aria-pressed={isRaw}
          title="Beside the decoded values"
          onClick={() => setRaw(!isRaw)}
        >
          As received
        </button>
      </div>
      <div class="scroll" tabIndex={0}>
        {headers.length > 0 ? (
          <Table headers={headers} isRaw={isRaw} />
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
