import type { TranscriptEntry } from "../api";
import { smtp, targetOf } from "../state/inboxes";
import { type Attempt, curlCommand, swaksCommand, transcriptText } from "./again";
import { CopyButton } from "./copy";

interface Props {
  entries: readonly TranscriptEntry[];
  attempt: Attempt;
  inbox: string;
}

/** A transcript to take along. */
export function Copies({ entries, attempt, inbox }: Props) {
  const server = targetOf(inbox) ?? smtp.value;
  const copies: [string, string | null][] = [["text", transcriptText(entries)]];
  if (server) copies.push(["swaks", swaksCommand(attempt, server)]);
  if (server) copies.push(["curl", curlCommand(attempt, server)]);
  return copies.map(
    ([name, text]) =>
      text !== null && (
        <span key={name} class="copy-named">
          <CopyButton text={text} label={`Copy as ${name}`} />
          {name}
        </span>
      ),
  );
}
