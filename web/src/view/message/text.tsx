import { useState } from "preact/hooks";
import { getExcerpt, type Message, messageUrl } from "../../api";
import { showTab } from "../../state/mailbox";
import { size } from "../format";
import { useResource } from "../resource";
import { Loaded, Nothing } from "../state";
import { linkify } from "./linkify";

const AT_ONCE = 256 * 1024; // more text in one piece makes the browser slow
const AT_MOST = 8 * AT_ONCE;

function Text({ text }: { text: string }) {
  if (text.trim() === "") return <Nothing icon="envelope" title="The text is empty" />;
  return (
    <pre class="text" dir="auto">
      {linkify(text).map((piece, index) =>
        piece.href ? (
          <a key={index} href={piece.href} target="_blank" rel="noopener noreferrer">
            {piece.text}
          </a>
        ) : (
          piece.text
        ),
      )}
    </pre>
  );
}

export function PlainText({ message, limit = AT_ONCE }: { message: Message; limit?: number }) {
  const [more, showMore] = useState(false);
  const bytes = more ? AT_MOST : limit;
  return <Excerpt key={bytes} message={message} limit={bytes} showMore={() => showMore(true)} />;
}

function Excerpt(props: { message: Message; limit: number; showMore: () => void }) {
  const { message, limit, showMore } = props;
  const url = messageUrl(message.id, "/text");
  const resource = useResource(signal => getExcerpt(url, 0, limit, signal));
  return (
    <Loaded resource={resource}>
      {({ bytes, complete }) => (
        <div class="scroll" tabIndex={0}>
          <Text text={new TextDecoder().decode(bytes, { stream: !complete })} />
          {!complete && (
            <p class="cut">
              These are the first {size(bytes.length)}.{" "}
              {limit < AT_MOST && (
                <button type="button" class="link" onClick={showMore}>
                  Show more
                </button>
              )}{" "}
              <a href={url} target="_blank" rel="noopener">
                Open all of it
              </a>
            </p>
          )}
        </div>
      )}
    </Loaded>
  );
}

export function TextTab({ message }: { message: Message }) {
  if (message.has_text) return <PlainText message={message} />;
  return (
    <Nothing icon="envelope" title="This message has no text part">
      <button
        type="button"
        class="button"
        onClick={() => showTab(message.has_html ? "preview" : "raw")}
      >
        {message.has_html ? "Show the HTML" : "Show what was received"}
      </button>
    </Nothing>
  );
}
