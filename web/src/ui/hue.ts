// A colour for each administration, the same on every page; the name always stands beside it.

const HUES = 6;

/** One of the bands of tokens.css, always the same for the same *name*. */
export function hueOf(name: string): number {
  let sum = 0;
  for (const character of name) sum = (sum * 31 + character.codePointAt(0)!) % 65_521;
  return sum % HUES;
}
