// The messages of one conversation: each once, in the order of `seq`, the newest revision of each.
import { computed, signal } from "@preact/signals";
import type { MessageList } from "../api/types";

export interface Numbered {
  id: string;
  seq: number;
  revision?: number;
}

/** How many of the last messages are read again to see delivery states move. */
const RECENT = 30;
const PAGE = 100;

export type FetchMessages<M> = (since: number, limit: number) => Promise<MessageList<M>>;

export class MessageLog<M extends Numbered> {
  readonly messages = signal<readonly M[]>([]);
  readonly lastSeq = computed(() => this.messages.value.at(-1)?.seq ?? 0);
  readonly hasEarlier = computed(() => (this.messages.value[0]?.seq ?? 1) > 1);

  constructor(private readonly fetch: FetchMessages<M>) {}

  /** Add what is new and replace what moved on; late, repeated and reordered answers change nothing. */
  merge(items: readonly M[]): void {
    const byId = new Map(this.messages.value.map((message) => [message.id, message]));
    for (const item of items) {
      const known = byId.get(item.id);
      if (!known || (item.revision ?? 0) >= (known.revision ?? 0)) byId.set(item.id, item);
    }
    this.messages.value = [...byId.values()].sort((a, b) => a.seq - b.seq);
  }

  /** Read the end of a conversation that reaches *lastSeq*. */
  async open(lastSeq: number): Promise<void> {
    await this.readFrom(Math.max(0, lastSeq - PAGE));
  }

  /** Read what came since, and the recent ones again: their delivery states may have moved. */
  async refresh(): Promise<void> {
    await this.readFrom(Math.max(0, (this.messages.value[0]?.seq ?? 1) - 1, this.lastSeq.value - RECENT));
  }

  async loadEarlier(): Promise<void> {
    const first = this.messages.value[0]?.seq ?? 1;
    const since = Math.max(0, first - 1 - PAGE);
    this.merge((await this.fetch(since, Math.min(PAGE, first - 1 - since))).items);
  }

  clear(): void {
    this.messages.value = [];
  }

  private async readFrom(start: number): Promise<void> {
    for (let since = start; ;) {
      const { items, last_seq } = await this.fetch(since, PAGE);
      this.merge(items);
      const reached = items.at(-1)?.seq ?? last_seq;
      if (reached >= last_seq) return;
      since = reached;
    }
  }
}
