import { type Message, messageUrl } from "../../api";
import { showTab } from "../../state/mailbox";
import { Nothing } from "../state";
import { PlainText } from "./text";

/** A message's own HTML runs nothing and has no origin; a link it holds opens in a tab of its own. */
const ALLOWED = "allow-popups allow-popups-to-escape-sandbox";

export function PreviewTab({ message }: { message: Message }) {
  if (message.has_html) {
    return (
      <iframe
        class="paper"
        title="The message as HTML"
        sandbox={ALLOWED}
        referrerpolicy="no-referrer"
        src={messageUrl(message.id, "/html")}
      />
    );
  }
  if (message.has_text) return <PlainText message={message} />;
  return (
    <Nothing icon="envelope" title="This message has no body">
      <button type="button" class="button" onClick={() => showTab("raw")}>
        Show what was received
      </button>
    </Nothing>
  );
}
