// Both languages say everything, with the same facts, and French is spaced as French.
import { describe, expect, it } from "vitest";
import { en as chatEn } from "./chat.en";
import { fr as chatFr } from "./chat.fr";
import { en as consoleEn } from "./console.en";
import { fr as consoleFr } from "./console.fr";
import { render, spaced, type Entry } from "./translate";

const pairs: [string, Record<string, Entry>, Record<string, Entry>][] = [
  ["chat", chatFr, chatEn],
  ["console", consoleFr, consoleEn],
];

const forms = (entry: Entry) => (typeof entry === "string" ? [entry] : [entry.one, entry.other]);
const facts = (text: string) => [...text.matchAll(/\{(\w+)\}/g)].map((match) => match[1]).sort();

describe.each(pairs)("the %s dictionaries", (_name, fr, en) => {
  it("have the same keys, none of them empty", () => {
    expect(Object.keys(en)).toEqual(Object.keys(fr));
    for (const entry of [...Object.values(fr), ...Object.values(en)]) {
      for (const form of forms(entry)) expect(form.trim()).not.toBe("");
    }
  });

  it("name the same facts in both languages", () => {
    for (const key of Object.keys(fr)) {
      expect({ key, facts: forms(en[key]!).map(facts) }).toEqual({ key, facts: forms(fr[key]!).map(facts) });
    }
  });

  it("use the apostrophe of print, not of the typewriter", () => {
    for (const entry of [...Object.values(fr), ...Object.values(en)]) {
      for (const form of forms(entry)) expect(form).not.toMatch(/\w'\w/);
    }
  });
});

describe("spaced", () => {
  it("puts a narrow no-break space before the double signs and inside quotation marks", () => {
    expect(spaced("Êtes-vous là ? « Oui » : bien !")).toBe("Êtes-vous là\u202f? «\u202fOui\u202f»\u202f: bien\u202f!");
  });
});

describe("render", () => {
  const entry = { one: "{n} message", other: "{n} messages" };

  it("follows each language's own plural of zero", () => {
    expect(render(entry, { n: 0 }, "fr")).toBe("0 message");
    expect(render(entry, { n: 0 }, "en")).toBe("0 messages");
  });

  it("writes numbers as the language does", () => {
    expect(render(entry, { n: 1234 }, "en")).toBe("1,234 messages");
    expect(render(entry, { n: 1234 }, "fr")).toBe("1\u202f234 messages");
  });
});
