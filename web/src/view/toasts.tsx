import { deletions } from "../state/mailbox";
import { notice } from "../state/notice";
import { count, subject } from "./format";
import { Icon } from "./icons";

function Deleted() {
  const messages = deletions.pending.value;
  const number = messages.length + (deletions.pendingWhole.value?.count ?? 0);
  const [first] = messages;
  if (number === 0) return null;
  return (
    <div class="toast">
      <span class="toast-text">
        {first && number === 1
          ? `Deleted “${subject(first)}”`
          : `Deleted ${count(number, "message")}`}
      </span>
      <button type="button" class="toast-action" onClick={() => deletions.undo()}>
        Undo
      </button>
      <button
        type="button"
        class="icon-button"
        aria-label="Delete now"
        title="Delete now"
        onClick={() => void deletions.commit()}
      >
        <Icon name="close" />
      </button>
    </div>
  );
}

function Notice() {
  if (!notice.value) return null;
  return (
    <div class="toast toast-problem">
      <Icon name="warning" />
      <span class="toast-text">{notice}</span>
      <button
        type="button"
        class="icon-button"
        aria-label="Dismiss"
        onClick={() => {
          notice.value = null;
        }}
      >
        <Icon name="close" />
      </button>
    </div>
  );
}

export function Toasts() {
  return (
    <div class="toasts" role="status">
      <Notice />
      <Deleted />
    </div>
  );
}
