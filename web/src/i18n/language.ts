// The page's language: chosen, else the browser's, else French; `<html lang>` follows it.
import { effect, signal } from "@preact/signals";
import type { Language } from "../api/types";

const KEY = "guichet.language";
export const LANGUAGES: readonly Language[] = ["fr", "en"];

export function isLanguage(value: unknown): value is Language {
  return LANGUAGES.includes(value as Language);
}

function initial(): Language {
  const wished = [read(), ...(globalThis.navigator?.languages ?? []).map((tag) => tag.slice(0, 2))];
  return wished.find(isLanguage) ?? "fr";
}

function read(): string | null {
  try {
    return localStorage.getItem(KEY);
  } catch {
    return null;
  }
}

export const language = signal<Language>(initial());

export function speak(chosen: Language): void {
  language.value = chosen;
  try {
    localStorage.setItem(KEY, chosen);
  } catch {
    // A browser that stores nothing still speaks the language until the page is closed.
  }
}

effect(() => {
  if (typeof document !== "undefined") document.documentElement.lang = language.value;
});
