import { getMessageTranscript, type Message, type Transcript } from "../../api";
import { hrefOf } from "../../route";
import { sessionsPlace } from "../../state/session-room";
import { attemptOfMessage } from "../again";
import { Copies } from "../copies";
import { useResource } from "../resource";
import { Loaded, Nothing } from "../state";
import { TranscriptLines } from "../transcript";
import { WarningList } from "../warnings";

interface Props {
  message: Message;
  transcript: Transcript;
}

function Dialogue({ message, transcript }: Props) {
  return (
    <>
      <div class="tools">
        <p class="tools-text">
          <a href={hrefOf(sessionsPlace({ session: transcript.id }))}>The whole session</a>
        </p>
        <Copies
          entries={transcript.entries}
          attempt={attemptOfMessage(message)}
          inbox={message.inbox}
        />
      </div>
      <div class="scroll" tabIndex={0} role="region" aria-label="Transcript">
        <WarningList warnings={message.warnings} />
        <TranscriptLines entries={transcript.entries} inbox={transcript.inbox} />
      </div>
    </>
  );
}

function OfSession({ message }: { message: Message }) {
  const resource = useResource(signal => getMessageTranscript(message.id, signal));
  return (
    <Loaded resource={resource}>
      {transcript => <Dialogue message={message} transcript={transcript} />}
    </Loaded>
  );
}

function OfNoSession({ message }: { message: Message }) {
  return (
    <div class="scroll" tabIndex={0} role="region" aria-label="Transcript">
      <WarningList warnings={message.warnings} />
      <Nothing icon="dialogue" title="This message came by no SMTP session">
        <p class="hint">It was put in by REST, or kept before sessions were recorded.</p>
      </Nothing>
    </div>
  );
}

export function TranscriptTab({ message }: { message: Message }) {
  return message.session_id === null ? (
    <OfNoSession message={message} />
  ) : (
    <OfSession message={message} />
  );
}
