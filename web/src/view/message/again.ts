// A transcript to take along: as text, and as a command that says the same once more.

import type { Message, TranscriptEntry } from "../../api";
import type { Target } from "../../state/inboxes";

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
function piped(message: Message, words: string[]): string {
  const raw = new URL(`api/v1/messages/${message.id}/raw`, document.baseURI).href;
  return `curl -s ${quoted(raw)} | ${words.map(quoted).join(" ")}`;
}

/** As the client logged in; a password that is not the inbox's own is asked for. */
function login({ client: { username } }: Message, to: Target): string[] | null {
  if (username === null) return null;
  return username === to.login?.username ? [username, to.login.password] : [username];
}

export function swaksCommand(message: Message, to: Target): string {
  const { envelope, client } = message;
  const words = ["swaks", "--server", `${to.host}:${to.port}`];
  if (client.helo) words.push("--helo", client.helo);
  words.push("--from", envelope.from || "<>", "--to", envelope.to.join(","));
  const [username, password] = login(message, to) ?? [];
  if (username !== undefined) words.push("--auth-user", username);
  if (password !== undefined) words.push("--auth-password", password);
  if (client.tls) words.push("--tls");
  return piped(message, [...words, "--data", "-"]);
}

export function curlCommand(message: Message, to: Target): string {
  const { envelope, client } = message;
  const words = ["curl", `smtp://${to.host}:${to.port}/${encodeURIComponent(client.helo ?? "")}`];
  words.push("--mail-from", envelope.from);
  for (const recipient of envelope.to) words.push("--mail-rcpt", recipient);
  const credentials = login(message, to);
  if (credentials) words.push("--user", credentials.join(":"));
  if (client.tls) words.push("--ssl-reqd", "--insecure");
  return piped(message, [...words, "-T", "-"]);
}
