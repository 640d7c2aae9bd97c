// The translator of the console.
import { en } from "./console.en";
import { fr } from "./console.fr";
import { has, translator } from "./translate";

export const t = translator({ fr, en });
export type Key = keyof typeof fr;

/** The words of a code that came from the server: `word("channel", "sms")`; the code itself when it has none yet. */
export function word(family: string, code: string, facts: Record<string, string | number> = {}): string {
  const key = `${family}_${code}`;
  return has(fr, key) ? t(key, facts) : code;
}
