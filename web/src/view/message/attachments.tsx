import { useState } from "preact/hooks";
import { type Attachment, type Message, partUrl } from "../../api";
import { count, size } from "../format";
import { Icon } from "../icons";
import { isPicture } from "./picture";

const THUMBNAIL_LIMIT = 5_000_000; // bytes; bigger pictures are not fetched unasked

function Thumbnail({ url, attachment }: { url: string; attachment: Attachment }) {
  const [isOne, setOne] = useState(isPicture(attachment.content_type)); // until it turns out not to be
  const isShown = isOne && attachment.size <= THUMBNAIL_LIMIT;
  return (
    <span class="thumbnail">
      {isShown ? <img src={url} alt="" loading="lazy" onError={() => setOne(false)} /> : <Icon name="clip" />}
    </span>
  );
}

function Item({ message, attachment }: { message: Message; attachment: Attachment }) {
  const url = partUrl(message.id, attachment.part);
  const name = attachment.filename || attachment.content_type;
  return (
    <li>
      <a
        class="attachment"
        href={url}
        download={attachment.filename ?? ""}
        title={`Download ${name} (${attachment.content_type})`}
      >
        <Thumbnail url={url} attachment={attachment} />
        <span class="attachment-name" dir="auto">
          {name}
        </span>
        <span class="attachment-size">{size(attachment.size)}</span>
      </a>
    </li>
  );
}

/** What the HTML shows in place is not listed once more; the tab of parts has it. */
function listed(message: Message): Attachment[] {
  return message.attachments.filter(({ inline, content_id }) => {
    return !(message.has_html && inline && content_id);
  });
}

export function Attachments({ message }: { message: Message }) {
  const attachments = listed(message);
  if (attachments.length === 0) return null;
  return (
    <section class="attachments" aria-label="Attachments">
      <h2>{count(attachments.length, "attachment")}</h2>
      <ul>
        {attachments.map(attachment => (
          <Item key={attachment.part} message={message} attachment={attachment} />
        ))}
      </ul>
    </section>
  );
}
