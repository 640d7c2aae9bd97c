// What a person chose for this browser; nothing of it concerns a citizen.
import { effect, signal } from "@preact/signals";
import { readStored, store } from "../ui/stored";

const NAME = "guichet.settings";

export interface Settings {
  hasSound: boolean;
  hasNotifications: boolean;
  entersSend: boolean;
  /** `/` and `?`: people who dictate or tremble must be able to turn them off. */
  hasSingleKeys: boolean;
}

const defaults: Settings = { hasSound: true, hasNotifications: false, entersSend: true, hasSingleKeys: true };

export const settings = signal<Settings>({ ...defaults, ...readStored<Partial<Settings>>(localStorage, NAME) });

effect(() => store(localStorage, NAME, settings.value));

export function set(change: Partial<Settings>): void {
  settings.value = { ...settings.value, ...change };
}
