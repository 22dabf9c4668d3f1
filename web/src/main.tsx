import { render } from "preact";
import { followLinks } from "./route";
import { startClock } from "./state/clock";
import { startConnection } from "./state/connection";
import { deletions, startMailbox } from "./state/mailbox";
import { startSelection } from "./state/selection";
import { startSessions } from "./state/session-room";
import { startSettings } from "./state/settings";
import { App } from "./view/app";

followLinks(document);
startSettings();
startMailbox();
startSelection();
startSessions();
startConnection();
startClock();
window.addEventListener("pagehide", () => void deletions.commit());
render(<App />, document.body);
