import { getParts, type Message, type Part, partUrl } from "../../api";
import { size } from "../format";
import { Icon } from "../icons";
import { useResource } from "../resource";
import { Loaded } from "../state";
import { isPicture } from "./picture";

function Open({ message, part }: { message: Message; part: Part }) {
  const url = partUrl(message.id, part.part);
  const name = part.filename ?? `part ${part.part}`;
  return (
    <span class="part-actions">
      {isPicture(part.content_type) && (
        <a
          class="icon-button"
          href={url}
          target="_blank"
          rel="noopener"
          aria-label={`Open ${name}`}
          title="Open"
        >
          <Icon name="link" />
        </a>
      )}
      <a
        class="icon-button"
        href={url}
        download={part.filename ?? `message-${message.id}-part-${part.part}`}
        aria-label={`Download ${name}`}
        title="Download"
      >
        <Icon name="download" />
      </a>
    </span>
  );
}

function facts(part: Part): string {
  return [part.disposition, part.charset, part.encoding, part.content_id && `<${part.content_id}>`]
    .filter(Boolean)
    .join(" · ");
}

function Branch({ message, part }: { message: Message; part: Part }) {
  const isLeaf = part.children.length === 0;
  return (
    <li class="part">
      <div class="part-line">
        <span class="part-number">{part.part}</span>
        <span class="part-main">
          <span class="part-type">{part.content_type}</span>
          {part.filename && (
            <span class="part-name" dir="auto">
              {part.filename}
            </span>
          )}
          <span class="part-facts">{facts(part)}</span>
        </span>
        {isLeaf && <span class="part-size">{size(part.size)}</span>}
        {isLeaf && <Open message={message} part={part} />}
      </div>
      {!isLeaf && (
        <ul>
          {part.children.map(child => (
            <Branch key={child.part} message={message} part={child} />
          ))}
        </ul>
      )}
    </li>
  );
}

export function PartsTab({ message }: { message: Message }) {
  const resource = useResource(signal => getParts(message.id, signal));
  return (
    <Loaded resource={resource}>
      {root => (
        <div class="scroll" tabIndex={0}>
          <ul class="parts" aria-label="Parts">
            <Branch message={message} part={root} />
          </ul>
        </div>
      )}
    </Loaded>
  );
}
