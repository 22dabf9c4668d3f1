// A transcript to take along: as text, and as a command that says the same once more.

import type { Message, TranscriptEntry } from "../../api";

const marks = { client: "C:", server: "S:", mailstop: "#", fault: "# fault:" };

export function transcriptText(entries: readonly TranscriptEntry[]): string {
  return entries
    .map(entry => {
      const said = "text" in entry ? entry.text : `(${entry.data_bytes} octets of a message)`;
      return `${entry.at_ms.toFixed(1).padStart(10)} ${marks[entry.from]} ${said}\n`;
    })
    .join("");
}

/** For a POSIX shell. */
export function quoted(text: string): string {
  return /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}

/** The message's octets are its own to fetch: no command line holds them. */
export function swaksCommand(message: Message, host = location.hostname, port = 1025): string {
  const { envelope, client } = message;
  const raw = new URL(`api/v1/messages/${message.id}/raw`, document.baseURI).href;
  const words = ["swaks", "--server", `${host}:${port}`];
  if (client.helo) words.push("--helo", client.helo);
  words.push("--from", envelope.from || "<>");
  words.push("--to", envelope.to.join(","));
  if (client.username) words.push("--auth-user", client.username);
  if (client.tls) words.push("--tls");
  words.push("--data", "-");
  return `curl -s ${quoted(raw)} | ${words.map(quoted).join(" ")}`;
}
