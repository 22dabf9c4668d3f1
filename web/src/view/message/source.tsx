import { type Message, messageUrl } from "../../api";
import { showTab } from "../../state/mailbox";
import { Nothing } from "../state";
import { Code } from "./code";
import { paintHtml } from "./paint";

export function SourceTab({ message }: { message: Message }) {
  if (message.has_html) {
    return (
      <Code
        url={messageUrl(message.id, "/html")}
        paint={line => paintHtml(line.text)}
        endings={false}
      />
    );
  }
  return (
    <Nothing icon="envelope" title="This message has no HTML">
      <button type="button" class="button" onClick={() => showTab("raw")}>
        Show what was received
      </button>
    </Nothing>
  );
}
