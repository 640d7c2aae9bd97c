// A message's text with its web addresses made into links; nothing else of it is ever read as markup.

const ADDRESS = /\bhttps?:\/\/[^\s<>"]+/gi;
const TRAILING = /[.,;:!?)\]}'’»]+$/;

export interface Part {
  text: string;
  href: string | null;
}

/** Split *text* into plain parts and http(s) addresses; the sentence's own punctuation stays outside the address. */
export function parts(text: string): Part[] {
  const found: Part[] = [];
  let from = 0;
  for (const match of text.matchAll(ADDRESS)) {
    const address = withoutTrailing(match[0]);
    if (!URL.canParse(address)) continue;
    if (match.index > from) found.push({ text: text.slice(from, match.index), href: null });
    found.push({ text: address, href: address });
    from = match.index + address.length;
  }
  if (from < text.length) found.push({ text: text.slice(from), href: null });
  return found;
}

/** A closing bracket belongs to the address when it was opened in it. */
function withoutTrailing(address: string): string {
  const bare = address.replace(TRAILING, "");
  return bare.includes("(") && address[bare.length] === ")" ? `${bare})` : bare;
}

export function Linked({ text, newTab }: { text: string; newTab: string }) {
  return (
    <>
      {parts(text).map(({ text: part, href }) =>
        href === null ? (
          part
        ) : (
          <a href={href} target="_blank" rel="noopener noreferrer nofollow ugc">
            {part}
            <span class="unseen"> {newTab}</span>
          </a>
        ),
      )}
    </>
  );
}
