import type { ComponentType } from "preact";
import { useLayoutEffect } from "preact/hooks";
import type { Message } from "../../api";
import type { Tab } from "../../route";
import { closeMessage, opened, tab } from "../../state/mailbox";
import { useFocusBack } from "../focus";
import { Failed, Loading, Nothing } from "../state";
import { Attachments } from "./attachments";
import { Head } from "./head";
import { HeadersTab } from "./headers";
import { PartsTab } from "./parts";
import { PreviewTab } from "./preview";
import { RawTab } from "./raw";
import { SourceTab } from "./source";
import { Tabs } from "./tabs";
import { TextTab } from "./text";
import { TranscriptTab } from "./transcript";

const bodies: Record<Tab, ComponentType<{ message: Message }>> = {
  preview: PreviewTab,
  text: TextTab,
  source: SourceTab,
  headers: HeadersTab,
  parts: PartsTab,
  transcript: TranscriptTab,
  raw: RawTab,
};

function Gone() {
  return (
    <Nothing icon="trash" title="This message was deleted" alert>
      <button type="button" class="button" onClick={closeMessage}>
        Back to the inbox
      </button>
    </Nothing>
  );
}

function Content({ message }: { message: Message }) {
  const Body = bodies[tab.value];
  return (
    <article class="message" aria-labelledby="message-subject">
      <Head message={message} />
      <Tabs />
      <div class="tab-panel" role="tabpanel" id="tab-panel" aria-labelledby={`tab-${tab.value}`}>
        <Body key={tab.value} message={message} />
      </div>
      <Attachments message={message} />
    </article>
  );
}

/** The open message. Keyed by its id: each one begins anew. */
export function MessageView() {
  const ref = useFocusBack<HTMLDivElement>();

  // Where there is room for one column, the row that had the focus is out of sight now.
  useLayoutEffect(() => {
    const list = document.querySelector(".list");
    if (list && getComputedStyle(list).visibility === "hidden") ref.current?.focus();
  }, []);

  if (!opened.value) return null;
  const { details, deleted } = opened.value;
  const state = details.state.value;
  const isGone = deleted.value || (state.status === "failed" && state.error.isMissing);
  return (
    <div class="message-frame" ref={ref} tabIndex={-1}>
      {isGone && <Gone />}
      {!isGone && state.status === "loading" && <Loading />}
      {!isGone && state.status === "failed" && (
        <Failed error={state.error} retry={() => details.load()} />
      )}
      {!isGone && state.status === "ready" && <Content message={state.data} />}
    </div>
  );
}
