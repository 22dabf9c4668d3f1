import type { ComponentChildren } from "preact";
import { deletions } from "../state/mailbox";
import { notice } from "../state/notice";
import { useFocusBack } from "./focus";
import { count, subject } from "./format";
import { Icon } from "./icons";

function Toast({ isProblem = false, children }: { isProblem?: boolean; children: ComponentChildren }) {
  const ref = useFocusBack<HTMLDivElement>();
  return (
    <div class={isProblem ? "toast toast-problem" : "toast"} ref={ref}>
      {children}
    </div>
  );
}

function Deleted() {
  const messages = deletions.pending.value;
  const number = messages.length + (deletions.pendingWhole.value?.count ?? 0);
  const [first] = messages;
  if (number === 0) return null;
  return (
    <Toast>
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
    </Toast>
  );
}

function Notice() {
  if (!notice.value) return null;
  return (
    <Toast isProblem>
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
    </Toast>
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
