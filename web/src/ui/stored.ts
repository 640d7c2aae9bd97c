// Small values kept for this tab or this browser; storage that is full or forbidden is the same as none.

export function readStored<T>(storage: Storage, name: string): T | null {
  try {
    return JSON.parse(storage.getItem(name) ?? "null") as T | null;
  } catch {
    return null;
  }
}

export function store(storage: Storage, name: string, value: unknown): void {
  try {
    if (value === null || value === "") storage.removeItem(name);
    else storage.setItem(name, JSON.stringify(value));
  } catch {
    // Nothing depends on it being kept.
  }
}
