import type { ComponentType } from "preact";
import { type Overlay, overlay } from "../commands";
import { ConnectDialog } from "./connect";
import { DeleteInbox } from "./delete-inbox";
import { EmptyInbox } from "./empty-inbox";
import { FaultForm } from "./fault-form";
import { FaultJson } from "./fault-json";
import { Help } from "./help";
import { InboxSettings } from "./inbox-settings";
import { NewInbox } from "./new-inbox";
import { Palette } from "./palette";
import { Settings } from "./settings";
import { Tags } from "./tags";

const views: Record<Overlay, ComponentType> = {
  help: Help,
  palette: Palette,
  clear: EmptyInbox,
  fault: FaultForm,
  "fault-json": FaultJson,
  settings: Settings,
  tags: Tags,
  connect: ConnectDialog,
  inbox: InboxSettings,
  "new-inbox": NewInbox,
  "delete-inbox": DeleteInbox,
};

/** What lies over the page. Keyed, so that one takes the place of another as a new dialog. */
export function Overlays() {
  const name = overlay.value;
  if (name === null) return null;
  const View = views[name];
  return <View key={name} />;
}
