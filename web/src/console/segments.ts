// What a text costs: its encoding and its parts, as operators count them. The server counts the same
// (contact/domain/sms_text.py), and both are tested with tests/vectors/segments.json.

const BASIC = new Set(
  "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà",
);
/** Each of these takes the place of two. */
const EXTENDED = new Set("^{}\\[~]|€\f");
export const TEXT_CHARACTERS_MAX = 1600;

export interface Count {
  encoding: "GSM-7" | "UCS-2";
  units: number;
  parts: number;
  perPart: number;
  /** The characters that make every part shorter, once each. */
  costly: string[];
}

/** How *text* is sent. A character of two units is never cut in two, so a part may stay shorter. */
export function count(text: string): Count {
  const characters = [...text];
  const costly = [...new Set(characters.filter((one) => !BASIC.has(one) && !EXTENDED.has(one)))];
  const isWide = costly.length > 0;
  const sizes = characters.map((one) => (isWide ? one.length : EXTENDED.has(one) ? 2 : 1));
  const units = sizes.reduce((sum, size) => sum + size, 0);
  const [alone, joined] = isWide ? [70, 67] : [160, 153];
  return {
    encoding: isWide ? "UCS-2" : "GSM-7",
    units,
    parts: parts(sizes, units <= alone, joined),
    perPart: units <= alone ? alone : joined,
    costly,
  };
}

function parts(sizes: number[], fitsAlone: boolean, joined: number): number {
  if (fitsAlone) return sizes.length > 0 ? 1 : 0;
  let found = 1;
  let room = joined;
  for (const size of sizes) {
    if (size > room) {
      found += 1;
      room = joined;
    }
    room -= size;
  }
  return found;
}
