// One open ticket: its facts, its messages, what is being written on it, and what can be done with it.
import { effect, signal } from "@preact/signals";
import { ApiError, query } from "../api/http";
import type { Message, MessageList, PastCall, Ticket, TicketState } from "../api/types";
import { MessageLog } from "../live/message-log";
import { coalesce } from "../live/refetch";
import { TypingMark } from "../live/typing";
import { readStored, store } from "../ui/stored";
import { onAcknowledged, outbox, target, type Mode } from "./sending";
import { api, live } from "./session";
import { mineOn, refetchWork } from "./work";

const DRAFT_SAVED_AFTER_MS = 1000;

export interface TicketChange {
  state?: TicketState;
  priority?: number;
  topic_id?: string;
  subject?: string;
}

export class TicketStore {
  readonly ticket = signal<Ticket | null>(null);
  /** Its telephone calls, by the conversation that each was. */
  readonly calls = signal<ReadonlyMap<string, PastCall>>(new Map());
  readonly failure = signal<unknown>(null);
  readonly typing = new TypingMark();
  readonly mode = signal<Mode>("reply");
  readonly drafts = { reply: signal(""), note: signal("") };
  readonly log = new MessageLog<Message>((since, limit) =>
    api.get<MessageList<Message>>(`${this.path}/messages${query({ since, limit })}`),
  );
  private readonly path: string;
  private readonly endings: (() => void)[] = [];
  private readonly refetch = coalesce(() => this.read());
  private readonly refetchCalls = coalesce(() => this.readCalls());
  private draftTimer: ReturnType<typeof setTimeout> | undefined;
  private markedSeq = 0;

  constructor(readonly id: string) {
    this.path = `/api/v1/tickets/${id}`;
    for (const mode of ["reply", "note"] as const) {
      this.drafts[mode].value = readStored<string>(sessionStorage, this.draftName(mode)) ?? "";
    }
  }

  /** Load it and keep it current until `close`. */
  open(): void {
    void this.refetch().catch((error: unknown) => (this.failure.value = error));
    const room = `ticket:${this.id}`;
    this.endings.push(
      live.watch({
        room,
        refetch: this.refetch,
        since: () => this.log.lastSeq.value,
        onTyping: (typing) => {
          if (typing.who === "citizen") this.typing.seen(typing);
        },
      }),
      onAcknowledged(this.id, (message) => this.log.merge([message])),
      effect(() => this.markRead()),
    );
    document.addEventListener("visibilitychange", this.markRead);
    this.endings.push(() => document.removeEventListener("visibilitychange", this.markRead));
  }

  close(): void {
    for (const end of this.endings.splice(0)) end();
    this.flushDraft();
  }

  retry(): void {
    this.failure.value = null;
    void this.refetch().catch((error: unknown) => (this.failure.value = error));
  }

  write(mode: Mode, body: string): void {
    this.drafts[mode].value = body;
    store(sessionStorage, this.draftName(mode), body);
    if (mode === "note") return;
    if (body) live.typing(`ticket:${this.id}`);
    clearTimeout(this.draftTimer);
    this.draftTimer = setTimeout(() => this.saveDraft(), DRAFT_SAVED_AFTER_MS);
  }

  send(mode: Mode): void {
    const body = this.drafts[mode].value.trim();
    if (!body) return;
    outbox.add(target(mode, this.id), body);
    this.write(mode, "");
  }

  /** Throws ApiError; `conflict` when somebody else changed the ticket first. */
  async edit(version: number, change: TicketChange): Promise<void> {
    this.ticket.value = await api.send<Ticket>("PATCH", this.path, { body: { version, ...change } });
  }

  /** The ticket as it stands now, to compare with after a conflict. */
  async reread(): Promise<Ticket> {
    return (this.ticket.value = await api.get<Ticket>(this.path));
  }

  private async read(): Promise<void> {
    const isFirst = this.ticket.value === null;
    const ticket = await api.get<Ticket>(this.path);
    if (isFirst) {
      await this.log.open(ticket.last_seq);
      if (!this.drafts.reply.value && ticket.draft) this.drafts.reply.value = ticket.draft.body;
      if (!ticket.can.reply && ticket.can.note) this.mode.value = "note";
    } else {
      const newest = this.log.lastSeq.value;
      await this.log.refresh();
      if (this.log.lastSeq.value > newest) this.typing.clear();
    }
    this.ticket.value = ticket;
    this.failure.value = null;
    // Beside it: a call that is not told yet hides nothing of the ticket, and the next hint reads them again.
    void this.refetchCalls().catch(() => undefined);
  }

  private async readCalls(): Promise<void> {
    if (!this.ticket.value!.interactions.some((one) => one.channel === "voice")) return;
    const { items } = await api.get<{ items: PastCall[] }>(`${this.path}/calls`);
    this.calls.value = new Map(items.flatMap((call) => (call.interaction_id ? [[call.interaction_id, call]] : [])));
  }

  /** Only what is in front of the agent who serves it counts as read. */
  private readonly markRead = (): void => {
    const seq = this.log.lastSeq.value;
    if (!this.ticket.value || document.hidden || seq <= this.markedSeq || !mineOn(this.id)) return;
    this.markedSeq = seq;
    void api
      .send("POST", `${this.path}/read`, { body: { seq } })
      .then(refetchWork)
      .catch(() => (this.markedSeq = 0));
  };

  private saveDraft(): void {
    this.draftTimer = undefined;
    if (!this.ticket.value?.can.reply) return;
    const body = this.drafts.reply.value;
    void api.send("PUT", `${this.path}/draft`, { body: { body } }).catch(ignoreUnlessOurs);
  }

  private flushDraft(): void {
    if (this.draftTimer === undefined) return;
    clearTimeout(this.draftTimer);
    this.saveDraft();
  }

  private draftName(mode: Mode): string {
    return `guichet.draft.${this.id}.${mode}`;
  }
}

/** A draft that could not be saved over there is still kept here. */
function ignoreUnlessOurs(error: unknown): void {
  if (!(error instanceof ApiError)) throw error;
}
