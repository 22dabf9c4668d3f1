import type { Command } from "../commands";
import { commandNamed } from "../commands";
import { inboxTitle } from "../state/inboxes";
import { list } from "../state/mailbox";
import { isWhole, selectAll, selected, selectedCount, selectNone } from "../state/selection";
import { useFocusBack } from "./focus";
import { count } from "./format";
import { Icon, type IconName } from "./icons";

function Action({ name, icon, label }: { name: string; icon: IconName; label: string }) {
  const command = commandNamed(name) as Command;
  return (
    <button
      type="button"
      class="icon-button"
      aria-label={label}
      title={`${label} (${command.keys[0]})`}
      onClick={command.run}
    >
      <Icon name={icon} />
    </button>
  );
}

/** In the place of the list's head while messages are picked. */
export function SelectionBar() {
  const ref = useFocusBack<HTMLElement>();
  const messages = selected.value;
  const { applied, count: all } = list.value;
  const isAll = isWhole.value || messages.length === all.value;
  const anyUnread = messages.some(({ read }) => !read);
  const allPinned = messages.every(({ pinned }) => pinned);
  return (
    <header ref={ref} class="list-head selection-bar" aria-label="Selected messages">
      <button
        type="button"
        class="icon-button"
        aria-label="Select none"
        title="Select none (Esc)"
        onClick={selectNone}
      >
        <Icon name="close" />
      </button>
      <h1 class="visually-hidden">{inboxTitle}</h1>
      <p class="list-title" role="status">
        {count(selectedCount.value, "selected", "selected")}
      </p>
      {!isAll && (
        <button type="button" class="link" onClick={selectAll}>
          All {all.value.toLocaleString()}
          {applied.value && " that match"}
        </button>
      )}
      <Action
        name="read"
        icon={anyUnread ? "done" : "unread"}
        label={anyUnread ? "Mark as read" : "Mark as unread"}
      />
      <Action name="pin" icon="pin" label={allPinned ? "Unpin" : "Pin"} />
      <Action name="tags" icon="tag" label="Change tags" />
      <Action name="delete" icon="trash" label="Delete selected" />
    </header>
  );
}
