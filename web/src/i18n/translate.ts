// Words on screen: typed keys, plurals by the language's own rules, French spacing.
import type { Language } from "../api/types";
import { language } from "./language";

/** A sentence with `{facts}`, or one sentence per plural form of `{n}`. */
export type Entry = string | { one: string; other: string };

/** What a second language must have: the same keys, and plurals where the first has plurals. */
export type SameKeys<D> = { [K in keyof D]: D[K] extends string ? string : { one: string; other: string } };

export type Facts = Record<string, string | number>;

export type Translate<K extends string> = (key: K, facts?: Facts) => string;

const plurals = { fr: new Intl.PluralRules("fr"), en: new Intl.PluralRules("en") };

/** French puts a narrow no-break space before ; : ? ! and inside « »; dictionaries are written with plain spaces. */
export function spaced(text: string): string {
  return text.replace(/ (?=[;:?!»])/g, "\u202f").replace(/« /g, "«\u202f");
}

export function render(entry: Entry, facts: Facts, tongue: Language): string {
  const form = typeof entry === "string" ? entry : pluralForm(entry, Number(facts["n"]), tongue);
  const filled = form.replace(/\{(\w+)\}/g, (whole, name: string) => {
    const fact = facts[name];
    return typeof fact === "number" ? fact.toLocaleString(tongue) : (fact ?? whole);
  });
  return tongue === "fr" ? spaced(filled) : filled;
}

function pluralForm(entry: { one: string; other: string }, n: number, tongue: Language): string {
  return plurals[tongue].select(n) === "one" ? entry.one : entry.other;
}

/** The function a page translates with; it reads the current language, so what uses it re-renders. */
export function translator<D extends Record<string, Entry>>(
  dictionaries: Record<Language, D | SameKeys<D>>,
): Translate<keyof D & string> {
  return (key, facts = {}) => render(dictionaries[language.value][key] as Entry, facts, language.value);
}

/** Whether a code that came from the server has words of its own. */
export function has<D extends object>(dictionary: D, key: string): key is keyof D & string {
  return Object.hasOwn(dictionary, key);
}
