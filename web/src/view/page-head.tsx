import type { ComponentChildren } from "preact";
import { hrefOf } from "../route";
import { inboxes } from "../state/inboxes";
import { Icon } from "./icons";

interface Props {
  title: string;
  note: ComponentChildren;
  children: ComponentChildren;
}

/** Above what fills the page; on a phone with the way back. */
export function PageHead({ title, note, children }: Props) {
  return (
    <header class="page-head">
      <a class="icon-button list-back" href={hrefOf({ page: "inboxes" })} aria-label="Inboxes">
        <Icon name="back" />
      </a>
      <div class="list-title">
        <h1>{title}</h1>
        <p class="list-counts">{note}</p>
      </div>
      {children}
    </header>
  );
}

interface Choice {
  label: string;
  all: string; // how none in particular is called
  value: string; // the inbox's name, or nothing
  choose(inbox: string): void;
}

export function InboxChoice({ label, all, value, choose }: Choice) {
  return (
    <select
      class="field"
      aria-label={label}
      value={value}
      onChange={event => choose(event.currentTarget.value)}
    >
      <option value="">{all}</option>
      {inboxes.value.map(({ id, name }) => (
        <option key={id} value={name}>
          {name}
        </option>
      ))}
    </select>
  );
}
