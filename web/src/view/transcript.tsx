import type { TranscriptEntry } from "../api";
import { hrefOf } from "../route";
import { folded, type Said } from "./fold";
import { count, size } from "./format";

const speakers = {
  client: "Client",
  server: "Server",
  mailstop: "Note",
  fault: "Fault",
};

function elapsed(ms: number): string {
  return ms < 10_000 ? ms.toFixed(1) : `${(ms / 1000).toFixed(2)} s`;
}

const isRefusal = (entry: TranscriptEntry) =>
  entry.from === "server" && "text" in entry && /^[45]\d\d/.test(entry.text);

interface Props {
  entries: readonly TranscriptEntry[];
  inbox: string;
}

function Reply({ first, more }: { first: string; more: string[] }) {
  return (
    <details>
      <summary>
        <code>{first}</code> <span class="transcript-more">{count(more.length, "more line")}</span>
      </summary>
      {more.map((line, index) => (
        <div key={index}>
          <code>{line}</code>
        </div>
      ))}
    </details>
  );
}

function Line({ said: { entry, more }, inbox }: { said: Said; inbox: string }) {
  if ("text" in entry && more.length > 0) return <Reply first={entry.text} more={more} />;
  if ("text" in entry) return <code>{entry.text}</code>;
  const octets = `${size(entry.data_bytes)} of a message`;
  if (entry.message_id === null) return <em>{octets}</em>;
  const place = { page: "inbox", inbox, query: "", tab: "preview" } as const;
  return <a href={hrefOf({ ...place, message: entry.message_id })}>{octets}</a>;
}

/** What was said in a session, line by line, with the time in milliseconds. */
export function TranscriptLines({ entries, inbox }: Props) {
  const all = folded(entries);
  return (
    <table class="transcript" aria-label="What was said">
      <thead class="visually-hidden">
        <tr>
          <th scope="col">Milliseconds</th>
          <th scope="col">Who</th>
          <th scope="col">Line</th>
        </tr>
      </thead>
      <tbody>
        {all.map((said, index) => {
          const { entry } = said;
          const isSame = all[index - 1]?.entry.from === entry.from;
          return (
            <tr
              key={index}
              data-from={entry.from}
              data-again={isSame || undefined}
              data-refused={isRefusal(entry) || undefined}
            >
              <td class="transcript-time">{elapsed(entry.at_ms)}</td>
              <th scope="row">{speakers[entry.from]}</th>
              <td>
                <Line said={said} inbox={inbox} />
              </td>
            </tr>
          );
        })}
      </tbody>
    </table>
  );
}
