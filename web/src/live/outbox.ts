// What was written and is not yet acknowledged: kept through reloads, retried in order with the same key.
import { signal } from "@preact/signals";
import { ApiError } from "../api/http";

export interface Pending {
  /** The Idempotency-Key: chosen once, so that a retry can never say it twice. */
  key: string;
  /** Where it goes; items of one target leave one after the other. */
  target: string;
  body: string;
  written_at: string;
  /** sending: on its way · unsent: the network failed, it will be tried again · refused: the server said no. */
  state: "sending" | "unsent" | "refused";
  /** The server's sentence when refused. */
  reason: string | null;
}

/** The pending items that are not among *messages*: one may be read from the server before its answer arrives. */
export function unheard(items: readonly Pending[], messages: readonly { key: string | null }[]): Pending[] {
  const heard = new Set(messages.map((message) => message.key));
  return items.filter((item) => !heard.has(item.key));
}

export interface OutboxOptions<R> {
  storage: Storage;
  name: string;
  post: (item: Pending) => Promise<R>;
  onSent: (item: Pending, answer: R) => void;
  /** Seconds before retry number *attempt* (from 1). */
  retryDelaySeconds?: (attempt: number) => number;
}

const defaultDelaySeconds = (attempt: number) => Math.min(30, 2 ** attempt) * (0.75 + Math.random() / 2);

export class Outbox<R> {
  readonly items = signal<readonly Pending[]>([]);
  private readonly sending = new Set<string>();
  private readonly attempts = new Map<string, number>();
  private readonly timers = new Map<string, ReturnType<typeof setTimeout>>();

  constructor(private readonly options: OutboxOptions<R>) {
    this.items.value = this.restore();
  }

  add(target: string, body: string): void {
    const written_at = new Date().toISOString();
    const item: Pending = { key: crypto.randomUUID(), target, body, written_at, state: "sending", reason: null };
    this.keep([...this.items.value, item]);
    void this.flush(target);
  }

  retry(key: string): void {
    const item = this.items.value.find((candidate) => candidate.key === key);
    if (!item) return;
    this.update(key, { state: "unsent", reason: null });
    void this.flush(item.target);
  }

  remove(key: string): void {
    this.keep(this.items.value.filter((item) => item.key !== key));
  }

  /** Forget everything, as at sign-out. */
  clear(): void {
    for (const timer of this.timers.values()) clearTimeout(timer);
    this.keep([]);
  }

  /** Try everything that is not refused: at start and whenever the connection is back. */
  flushAll(): void {
    for (const target of new Set(this.items.value.map((item) => item.target))) void this.flush(target);
  }

  private async flush(target: string): Promise<void> {
    if (this.sending.has(target)) return;
    this.sending.add(target);
    clearTimeout(this.timers.get(target));
    try {
      for (let item = this.next(target); item; item = this.next(target)) {
        if (!(await this.send(item))) return;
      }
    } finally {
      this.sending.delete(target);
    }
  }

  private next(target: string): Pending | undefined {
    return this.items.value.find((item) => item.target === target && item.state !== "refused");
  }

  /** False when nothing more should be tried on this target for now. */
  private async send(item: Pending): Promise<boolean> {
    this.update(item.key, { state: "sending" });
    try {
      const answer = await this.options.post(item);
      this.attempts.delete(item.target);
      this.remove(item.key);
      this.options.onSent(item, answer);
      return true;
    } catch (error) {
      if (error instanceof ApiError && !error.isPassing && error.status !== 401) {
        this.update(item.key, { state: "refused", reason: error.message });
        return true;
      }
      this.update(item.key, { state: "unsent" });
      this.retryLater(item.target, error);
      return false;
    }
  }

  private retryLater(target: string, error: unknown): void {
    const attempt = (this.attempts.get(target) ?? 0) + 1;
    this.attempts.set(target, attempt);
    const asked = error instanceof ApiError ? error.retryAfterSeconds : null;
    const seconds = asked ?? (this.options.retryDelaySeconds ?? defaultDelaySeconds)(attempt);
    this.timers.set(
      target,
      setTimeout(() => void this.flush(target), seconds * 1000),
    );
  }

  private update(key: string, change: Partial<Pending>): void {
    this.keep(this.items.value.map((item) => (item.key === key ? { ...item, ...change } : item)));
  }

  private keep(items: readonly Pending[]): void {
    this.items.value = items;
    const { storage, name } = this.options;
    try {
      if (items.length) storage.setItem(name, JSON.stringify(items));
      else storage.removeItem(name);
    } catch {
      // A full or forbidden storage costs the survival of a reload, not the message.
    }
  }

  private restore(): Pending[] {
    try {
      const kept = JSON.parse(this.options.storage.getItem(this.options.name) ?? "[]") as Pending[];
      return kept.map((item) => (item.state === "sending" ? { ...item, state: "unsent" } : item));
    } catch {
      return [];
    }
  }
}
