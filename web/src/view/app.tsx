import { effect } from "@preact/signals";
import { useLayoutEffect } from "preact/hooks";
import { route } from "../route";
import { announcement } from "../state/connection";
import { inboxTitle, unread } from "../state/inboxes";
import { list, openId } from "../state/mailbox";
import { Connect } from "./connect";
import { Faults } from "./faults";
import { handleKey } from "./keyboard";
import { ListColumn } from "./list";
import { MessageView } from "./message/view";
import { Overlays } from "./overlays";
import { Sessions } from "./sessions";
import { Sidebar } from "./sidebar";
import { Nothing } from "./state";
import { Toasts } from "./toasts";
import { TopBar } from "./top-bar";

const rooms: Record<string, string> = { sessions: "Sessions", faults: "Faults" };

function showTitle(): void {
  const room = rooms[route.value.page];
  if (room) {
    document.title = `${room} · Mailstop`;
    return;
  }
  document.title = `${unread.value ? `(${unread.value}) ` : ""}${inboxTitle.value} · Mailstop`;
}

/** Which of the columns a screen with room for one shows; of an empty inbox, how to connect too. */
function frontColumn(): "inboxes" | "list" | "empty" | "message" | "room" {
  if (route.value.page === "sessions" || route.value.page === "faults") return "room";
  if (route.value.page === "inboxes") return "inboxes";
  if (openId.value !== null) return "message";
  return list.value.isEmpty.value ? "empty" : "list";
}

function Reading() {
  if (openId.value !== null) return <MessageView key={openId.value} />;
  if (list.value.isEmpty.value) return <Connect />;
  if (list.value.status.value === "loading") return null;
  return (
    <Nothing icon="envelope" title="No message open">
      <p class="hint">
        <kbd>j</kbd> <kbd>k</kbd> to move, <kbd>Enter</kbd> to open, <kbd>?</kbd> for all keys
      </p>
    </Nothing>
  );
}

function NoSuchPlace() {
  return (
    <Nothing icon="link" title="There is nothing at this address" alert>
      <h1 class="visually-hidden">Mailstop</h1>
      <a class="button" href="inbox/default">
        Go to the inbox
      </a>
    </Nothing>
  );
}

function Room() {
  if (route.value.page === "sessions") return <Sessions />;
  if (route.value.page === "faults") return <Faults />;
  return <Mailbox />;
}

function Mailbox() {
  return (
    <main class="mailbox">
      <ListColumn />
      <section class="reading" aria-label="Message">
        <Reading />
      </section>
    </main>
  );
}

export function App() {
  // With the first drawing: a key pressed on what is in sight is not lost.
  useLayoutEffect(() => effect(showTitle), []);
  useLayoutEffect(() => {
    document.addEventListener("keydown", handleKey);
    return () => document.removeEventListener("keydown", handleKey);
  }, []);

  return (
    <>
      <TopBar />
      {route.value.page === "unknown" ? (
        <main class="columns-none">
          <NoSuchPlace />
        </main>
      ) : (
        <div class="columns" data-front={frontColumn()}>
          <Sidebar />
          <Room />
        </div>
      )}
      <Toasts />
      <p class="visually-hidden" role="status">
        {announcement}
      </p>
      <Overlays />
    </>
  );
}
