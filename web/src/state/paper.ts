// How the HTML of mail is looked at. It stays so from one message to the next.

import { signal } from "@preact/signals";

export type Width = number | null; // null: as wide as there is room

export const paperWidth = signal<Width>(null);
export const isPaperDark = signal(false);
