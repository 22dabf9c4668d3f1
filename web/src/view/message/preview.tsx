import { useMemo, useState } from "preact/hooks";
import { getExcerpt, type Message, messageUrl } from "../../api";
import { showTab } from "../../state/mailbox";
import { useResource } from "../resource";
import { Nothing } from "../state";
import { hasDarkColours, remoteImages } from "./html-facts";
import { Paper } from "./paper";
import { PlainText } from "./text";

const LOOKED_AT = 1024 * 1024; // bytes of the HTML

/** How many pictures the HTML would fetch from elsewhere, and so on; nothing while that is not known. */
function useFacts(message: Message): { images: number; hasDark: boolean } {
  const url = messageUrl(message.id, "/html");
  const resource = useResource(signal => getExcerpt(url, 0, LOOKED_AT, signal));
  const state = resource.state.value;
  return useMemo(() => {
    if (state.status !== "ready") return { images: 0, hasDark: false };
    const html = new TextDecoder().decode(state.data.bytes);
    return { images: remoteImages(html), hasDark: hasDarkColours(html) };
  }, [state]);
}

function HtmlPreview({ message }: { message: Message }) {
  const [isRemote, setRemote] = useState(false);
  const { images, hasDark } = useFacts(message);
  const blocked = isRemote ? 0 : images;
  return (
    <Paper
      src={messageUrl(message.id, isRemote ? "/html?remote_images=true" : "/html")}
      hasDark={hasDark}
    >
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
