import { useState } from "preact/hooks";
import { getParts, type Message, type Part, partUrl } from "../../api";
import { size } from "../format";
import { Icon } from "../icons";
import { useResource } from "../resource";
import { Loaded } from "../state";
import { Code } from "./code";
import { paintHtml } from "./paint";
import { isPicture } from "./picture";

/** What people read as it stands. */
const isText = (contentType: string): boolean =>
  /^(text|message)\/|[/+](json|xml|yaml|x-yaml)$/.test(contentType);

interface OpenProps {
  message: Message;
  part: Part;
  isShown: boolean;
  show(wanted: boolean): void;
}

function Open({ message, part, isShown, show }: OpenProps) {
  const url = partUrl(message.id, part.part);
  const name = part.filename ?? `part ${part.part}`;
  return (
    <span class="part-actions">
      {isText(part.content_type) && (
        <button
          type="button"
          class="icon-button"
          aria-label={`Show ${name}`}
          aria-expanded={isShown}
          title={isShown ? "Hide" : "Show"}
          onClick={() => show(!isShown)}
        >
          <Icon name="eye" />
        </button>
      )}
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

const plain = ({ text }: { text: string }) => [{ text }];

function Branch({ message, part }: { message: Message; part: Part }) {
  const [isShown, show] = useState(false);
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
        {isLeaf && <Open message={message} part={part} isShown={isShown} show={show} />}
      </div>
      {isShown && (
        <div class="part-shown">
          <Code
            url={partUrl(message.id, part.part)}
            paint={part.content_type === "text/html" ? line => paintHtml(line.text) : plain}
            endings={false}
            total={part.size}
          />
        </div>
      )}
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
