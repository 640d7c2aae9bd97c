// A name of this tab that outlives reloads, and that no duplicate of the tab has.

/** A page that is being reloaded takes a moment to give its name back. */
const WAIT_MS = 1000;
let name: Promise<string> | undefined;

export function tabName(): Promise<string> {
  return (name ??= claim(window.name.startsWith("tab-") ? window.name : made()));
}

const made = () => `tab-${crypto.randomUUID()}`;

/** The browser lends each name to one page at a time, until that page is gone. */
function claim(wanted: string): Promise<string> {
  if (!navigator.locks) return Promise.resolve((window.name = wanted));
  return new Promise((resolve) => {
    const hold = () => {
      resolve((window.name = wanted));
      return new Promise<void>(() => undefined);
    };
    const signal = AbortSignal.timeout(WAIT_MS);
    navigator.locks.request(`guichet.${wanted}`, { signal }, hold).catch(() => resolve(claim(made())));
  });
}
