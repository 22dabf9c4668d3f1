// A transcript to take along: as text, and as a command that says the same once more.

import type { Message, Transcript, TranscriptEntry } from "../api";
import type { Target } from "../state/inboxes";

const marks = { client: "C:", server: "S:", mailstop: "#", fault: "# fault:" };

export function transcriptText(entries: readonly TranscriptEntry[]): string {
  return entries
    .map(entry => {
      const said = "text" in entry ? entry.text : `(${entry.data_bytes} octets of a message)`;
      return `${entry.at_ms.toFixed(1).padStart(10)} ${marks[entry.from]} ${said}\n`;
    })
    .join("");
}

/** What a client meant to do, as far as it came. */
export interface Attempt {
  helo: string | null;
  username: string | null;
  tls: boolean;
  from: string | null; // null: it did not come to MAIL
  to: string[];
  hasData: boolean;
  message: number | null; // that was stored
}

export function attemptOfMessage({ id, envelope, client }: Message): Attempt {
  const { helo, username, tls } = client;
  return { helo, username, tls: tls !== null, ...envelope, hasData: true, message: id };
}

type Transaction = Pick<Attempt, "from" | "to" | "hasData" | "message">;

const none: Transaction = { from: null, to: [], hasData: false, message: null };

/** The path of MAIL or RCPT, if it is that. */
function path(verb: string, text: string): string | undefined {
  const match = new RegExp(`^${verb}:\\s*(?:<(.*?)>|(\\S+))`, "i").exec(text);
  return match?.[1] ?? match?.[2];
}

/** The transaction in which something was refused first, else the first of all. */
function mainTransaction(entries: readonly TranscriptEntry[]): Transaction {
  const all: Transaction[] = [];
  let refused: Transaction | undefined;
  for (const entry of entries) {
    const last = all.at(-1);
    if (!("text" in entry)) {
      if (last) Object.assign(last, { hasData: true, message: entry.message_id });
    } else if (entry.from === "client") {
      const from = path("MAIL FROM", entry.text);
      const to = path("RCPT TO", entry.text);
      if (from !== undefined) all.push({ ...none, from, to: [] });
      if (to !== undefined) last?.to.push(to);
    } else if (/^[45]/.test(entry.text)) refused ??= last;
  }
  return refused ?? all[0] ?? none;
}

export function attemptOfSession({ client, username, tls, entries }: Transcript): Attempt {
  const isAsked = entries.some(entry => "text" in entry && /^STARTTLS$/i.test(entry.text));
  return { helo: client.helo, username, tls: tls !== null || isAsked, ...mainTransaction(entries) };
}

/** For a POSIX shell. */
export function quoted(text: string): string {
  return /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}

function command(words: string[]): string {
  return words.map(quoted).join(" ");
}

/** The message's octets are its own to fetch: no command line holds them. */
function fetched(message: number): string {
  const raw = new URL(`api/v1/messages/${message}/raw`, document.baseURI).href;
  return `curl -s ${quoted(raw)} | `;
}

/** As the client logged in; a password that is not the inbox's own is asked for. */
function login({ username }: Attempt, to: Target): string[] {
  if (username === null) return [];
  return username === to.login?.username ? [username, to.login.password] : [username];
}

/** Where the client came to an end before it sent a message. */
function stop({ from, to, hasData, username }: Attempt): string[] {
  if (hasData) return [];
  if (from === null) return ["--quit-after", username === null ? "HELO" : "AUTH"];
  return ["--quit-after", to.length > 0 ? "RCPT" : "MAIL"];
}

export function swaksCommand(attempt: Attempt, server: Target): string {
  const { helo, from, to, tls, message } = attempt;
  const words = ["swaks", "--server", `${server.host}:${server.port}`];
  if (helo) words.push("--helo", helo);
  if (from !== null) words.push("--from", from || "<>");
  if (to.length > 0) words.push("--to", to.join(","));
  const [username, password] = login(attempt, server);
  if (username !== undefined) words.push("--auth-user", username);
  if (password !== undefined) words.push("--auth-password", password);
  if (tls) words.push("--tls");
  words.push(...stop(attempt));
  if (message === null) return command(words);
  return fetched(message) + command([...words, "--data", "-"]);
}

/** Null if it did not come to recipients: curl does not stop before. */
export function curlCommand(attempt: Attempt, server: Target): string | null {
  const { helo, from, to, tls, message } = attempt;
  if (from === null || to.length === 0) return null;
  const words = ["curl", `smtp://${server.host}:${server.port}/${encodeURIComponent(helo ?? "")}`];
  words.push("--mail-from", from);
  for (const recipient of to) words.push("--mail-rcpt", recipient);
  const credentials = login(attempt, server);
  if (credentials.length > 0) words.push("--user", credentials.join(":"));
  if (tls) words.push("--ssl-reqd", "--insecure");
  const input = message === null ? "printf 'Subject: Once more\\r\\n\\r\\n' | " : fetched(message);
  return input + command([...words, "-T", "-"]);
}
