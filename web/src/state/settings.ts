// What a person set for this browser. Where its storage is blocked, it holds until the page is left.

import { effect, signal } from "@preact/signals";

export const themes = ["system", "light", "dark"] as const;
export type Theme = (typeof themes)[number];

const KEY = "mailstop";

interface Stored {
  theme?: unknown;
  notify?: unknown;
  seenSession?: unknown;
}

function read(): Stored {
  try {
    return JSON.parse(globalThis.localStorage?.getItem(KEY) ?? "{}") ?? {};
  } catch {
    return {}; // blocked, or not ours
  }
}

const stored = read();

export const theme = signal<Theme>(themes.find(name => name === stored.theme) ?? "system");
export const notify = signal(stored.notify === true);

/** The newest session that was in sight. */
export const seenSession = signal(Number(stored.seenSession) || 0);

/** False where this browser will not keep it. */
export const isKept = signal(true);

/** Called once. */
export function startSettings(): void {
  effect(() => {
    document.documentElement.dataset.theme = theme.value;
    const text = JSON.stringify({
      theme: theme.value,
      notify: notify.value,
      seenSession: seenSession.value,
    });
    try {
      localStorage.setItem(KEY, text);
      isKept.value = true;
    } catch {
      isKept.value = false;
    }
  });
}

/** Undefined where there are none: on pages that came over plain HTTP from elsewhere. */
const notifications = () => globalThis.Notification;

export const canNotify = (): boolean => notifications() !== undefined;

/** Asks the browser's leave; false if it is not given. */
export async function setNotify(wanted: boolean): Promise<boolean> {
  if (!wanted || !canNotify()) {
    notify.value = false;
    return !wanted;
  }
  notify.value = (await notifications().requestPermission()) === "granted";
  return notify.value;
}

/** Tells of mail while the page is out of sight. */
export function notifyOf(title: string, body: string, open: () => void): void {
  if (!notify.value || !document.hidden || notifications()?.permission !== "granted") return;
  const shown = new Notification(title, { body, tag: "mailstop", icon: "favicon.svg" });
  shown.onclick = () => {
    window.focus();
    open();
  };
}
