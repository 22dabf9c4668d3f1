import { useMemo, useState } from "preact/hooks";
import { getExcerpt, type Message, messageUrl } from "../../api";
import { showTab } from "../../state/mailbox";
import { useResource } from "../resource";
import { Nothing } from "../state";
import { remoteImages } from "./html-facts";
import { Paper } from "./paper";
import { PlainText } from "./text";

const LOOKED_AT = 1024 * 1024; // bytes of the HTML

/** How many pictures the HTML would fetch from elsewhere; 0 while that is not known. */
function useRemoteImages(message: Message): number {
  const url = messageUrl(message.id, "/html");
  const resource = useResource(signal => getExcerpt(url, 0, LOOKED_AT, signal));
  const state = resource.state.value;
  return useMemo(() => {
    if (state.status !== "ready") return 0;
    return remoteImages(new TextDecoder().decode(state.data.bytes));
  }, [state]);
}

function HtmlPreview({ message }: { message: Message }) {
  const [isRemote, setRemote] = useState(false);
  const images = useRemoteImages(message);
  const blocked = isRemote ? 0 : images;
  return (
    <Paper src={messageUrl(message.id, isRemote ? "/html?remote_images=true" : "/html")}>
      {blocked > 0 && (
        <button
          type="button"
          class="button"
          title="Whoever sent the message may see that"
          onClick={() => setRemote(true)}
        >
          Load {blocked} remote {blocked === 1 ? "image" : "images"}
        </button>
      )}
    </Paper>
  );
}

export function PreviewTab({ message }: { message: Message }) {
  if (message.has_html) return <HtmlPreview message={message} />;
  if (message.has_text) return <PlainText message={message} />;
  return (
    <Nothing icon="envelope" title="This message has no body">
      <button type="button" class="button" onClick={() => showTab("raw")}>
        Show what was received
      </button>
    </Nothing>
  );
}
