// What a person can do with inboxes. What went wrong is thrown: it belongs beside the form.

import {
  changeInbox,
  createInbox,
  deleteInbox,
  type Inbox,
  type InboxFields,
  renewCredentials,
} from "../api";
import { navigate } from "../route";
import { DEFAULT, inboxes, inboxName, noteInbox } from "./inboxes";

function go(inbox: string, replace: boolean): void {
  navigate({ page: "inbox", inbox, query: "", message: null, tab: "preview" }, { replace });
}

/** Makes an inbox and shows it. */
export async function create(fields: InboxFields): Promise<void> {
  const made = await createInbox(fields);
  noteInbox(made);
  go(made.name, false);
}

export async function change(inbox: Inbox, fields: InboxFields): Promise<void> {
  if (Object.keys(fields).length === 0) return; // nothing is to be changed
  const isShown = inboxName.value.toLowerCase() === inbox.name.toLowerCase();
  const changed = await changeInbox(inbox.name, fields);
  noteInbox(changed);
  if (isShown && changed.name !== inbox.name) go(changed.name, true);
}

export async function renew(inbox: Inbox): Promise<void> {
  noteInbox(await renewCredentials(inbox.name));
}

/** Deletes an inbox with all that is in it. */
export async function destroy(inbox: Inbox): Promise<void> {
  await deleteInbox(inbox.name);
  inboxes.value = inboxes.value.filter(({ id }) => id !== inbox.id);
  go(DEFAULT, true);
}
