// The page counts as the server does: the same vectors for both.
import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { count } from "./segments";

interface Vector {
  name: string;
  text: string;
  times?: number;
  encoding: string;
  units: number;
  parts: number;
  costly?: string;
}
const file = new URL("../../../tests/vectors/segments.json", import.meta.url);
const vectors = JSON.parse(readFileSync(file, "utf8")) as Vector[];

test.each(vectors)("$name", ({ text, times = 1, encoding, units, parts, costly = "" }) => {
  const found = count(text.repeat(times));
  expect([found.encoding, found.units, found.parts, found.costly.join("")]).toEqual([encoding, units, parts, costly]);
});
