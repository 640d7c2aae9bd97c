// What the citizen's page knows and can do: one conversation of one visitor at one address.
import { computed, effect, signal } from "@preact/signals";
import { ApiError, createApi, query, type Api } from "../api/http";
import type { MessageList, SocketToken } from "../api/types";
import { language } from "../i18n/language";
import { heard } from "../live/clock";
import { Live } from "../live/live";
import { MessageLog } from "../live/message-log";
import { Outbox } from "../live/outbox";
import { coalesce } from "../live/refetch";
import { TypingMark } from "../live/typing";
import { readStored, store } from "../ui/stored";
import type { ChatCampaign, ChatMessage, Conversation } from "./types";

export type View = "loading" | "unknown" | "broken" | "form" | "conversation";

/** What is typed before the conversation exists; the key makes a second try harmless. */
export interface Opening {
  key: string;
  topic_id: string;
  name: string;
  body: string;
}

export class ChatStore {
  readonly view = signal<View>("loading");
  readonly campaign = signal<ChatCampaign | null>(null);
  readonly conversation = signal<Conversation | null>(null);
  readonly wasErased = signal(false);
  readonly typing = new TypingMark();
  readonly log = new MessageLog<ChatMessage>((since, limit) =>
    this.api.get<MessageList<ChatMessage>>(`${this.base}/messages${query({ since, limit })}`),
  );
  readonly outbox: Outbox<ChatMessage>;
  readonly live: Live;
  readonly isVisible = signal(!document.hidden);
  private readonly readSeq = signal(0);
  readonly unread = computed(
    () => this.log.messages.value.filter((m) => m.kind === "agent" && m.seq > this.readSeq.value).length,
  );

  private readonly api: Api = createApi();
  private readonly base: string;
  private readonly drafts: string;
  private unwatch: () => void = () => undefined;
  private readonly refetch = coalesce(() => this.readConversation());

  constructor(readonly address: string) {
    this.base = `/api/v1/chat/${encodeURIComponent(address)}`;
    this.drafts = `guichet.chat.${address}`;
    this.outbox = new Outbox({
      storage: sessionStorage,
      name: `${this.drafts}.outbox`,
      post: ({ key, body }) => this.api.send<ChatMessage>("POST", `${this.base}/messages`, { body: { body }, key }),
      onSent: (_item, message) => {
        this.log.merge([message]);
        void this.refetch().catch(() => undefined);
      },
    });
    this.live = new Live({ token: () => this.socketToken(), onSignedOut: () => void this.open() });
    document.addEventListener("visibilitychange", () => (this.isVisible.value = !document.hidden));
    effect(() => {
      if (this.live.connection.value === "online") this.outbox.flushAll();
    });
    effect(() => this.markRead());
  }

  /** Find out where this visitor stands; also the answer to "try again". */
  async open(): Promise<void> {
    this.view.value = "loading";
    try {
      this.campaign.value = await this.api.get<ChatCampaign>(this.base);
      if (await this.find()) await this.enter();
      else this.view.value = "form";
    } catch (error) {
      this.view.value = error instanceof ApiError && error.status === 404 ? "unknown" : "broken";
    }
  }

  /** The opening being typed, with its key, as it survived a reload. */
  opening(): Opening {
    const kept = readStored<Opening>(sessionStorage, `${this.drafts}.opening`);
    return kept ?? { key: crypto.randomUUID(), topic_id: "", name: "", body: "" };
  }

  keepOpening(opening: Opening): void {
    store(sessionStorage, `${this.drafts}.opening`, opening);
  }

  /** Begin. Throws ApiError; the opening is kept until it has succeeded. */
  async start({ key, topic_id, name, body }: Opening): Promise<void> {
    await this.api.send("POST", `${this.base}/visitor`);
    const said = { topic_id, language: language.value, name: name.trim() || undefined, body: body.trim() };
    try {
      const ask = { body: said, key };
      this.conversation.value = await this.api.send<Conversation>("POST", `${this.base}/conversation`, ask);
    } catch (error) {
      if (!(error instanceof ApiError && error.code === "conversation_open")) throw error;
      // Another tab of this browser has one: the words typed here wait in its composer.
      this.keepDraft(body);
      await this.find();
    }
    store(sessionStorage, `${this.drafts}.opening`, null);
    this.wasErased.value = false;
    await this.enter();
  }

  draft(): string {
    return readStored<string>(sessionStorage, `${this.drafts}.draft`) ?? "";
  }

  keepDraft(body: string): void {
    store(sessionStorage, `${this.drafts}.draft`, body);
  }

  say(body: string): void {
    this.keepDraft("");
    this.outbox.add("chat", body);
  }

  typed(): void {
    const conversation = this.conversation.value;
    if (conversation?.state === "active") this.live.typing(`conversation:${conversation.id}`);
  }

  async end(): Promise<void> {
    this.conversation.value = await this.api.send<Conversation>("POST", `${this.base}/end`);
    await this.refetch();
  }

  /** Forget this conversation here, for the next person at a shared computer. */
  async erase(): Promise<void> {
    await this.api.send("DELETE", `${this.base}/visitor`);
    this.leave();
    for (const name of Object.keys(sessionStorage)) {
      if (name.startsWith(`${this.drafts}.`)) sessionStorage.removeItem(name);
    }
    this.wasErased.value = true;
    this.view.value = "form";
  }

  private async find(): Promise<boolean> {
    try {
      this.heardOf(await this.api.get<Conversation>(`${this.base}/conversation`));
      return true;
    } catch (error) {
      if (error instanceof ApiError && (error.status === 404 || error.status === 401)) return false;
      throw error;
    }
  }

  private async enter(): Promise<void> {
    const conversation = this.conversation.value!;
    this.heardOf(conversation);
    await this.log.open(conversation.last_seq);
    this.view.value = "conversation";
    this.follow(conversation.id);
    this.live.start();
    this.outbox.flushAll();
  }

  private follow(id: string): void {
    this.unwatch();
    this.unwatch = this.live.watch({
      room: `conversation:${id}`,
      refetch: this.refetch,
      since: () => this.log.lastSeq.value,
      onTyping: (typing) => {
        if (typing.who === "agent") this.typing.seen(typing);
      },
    });
  }

  private leave(): void {
    this.unwatch();
    this.live.stop();
    this.outbox.clear();
    this.log.clear();
    this.readSeq.value = 0;
    this.conversation.value = null;
  }

  private async readConversation(): Promise<void> {
    const before = this.conversation.value?.id;
    if (!(await this.find())) {
      this.leave();
      this.view.value = "form";
      return;
    }
    const conversation = this.conversation.value!;
    const newest = this.log.messages.value.at(-1);
    if (conversation.last_seq > this.log.lastSeq.value) await this.log.refresh();
    if (this.log.messages.value.at(-1) !== newest) this.typing.clear();
    if (before !== conversation.id) this.follow(conversation.id);
  }

  private heardOf(conversation: Conversation): void {
    heard(conversation.server_time);
    this.conversation.value = conversation;
    this.readSeq.value = Math.max(this.readSeq.value, conversation.read_seq);
  }

  /** Read means seen: only while the page is in front. */
  private markRead(): void {
    const seq = this.log.lastSeq.value;
    const isNew = this.unread.value > 0;
    if (!isNew || !this.isVisible.value || this.view.value !== "conversation") return;
    this.readSeq.value = seq;
    void this.api.send("POST", `${this.base}/read`, { body: { seq } }).catch(() => undefined);
  }

  private async socketToken(): Promise<string | null> {
    try {
      return (await this.api.send<SocketToken>("POST", `${this.base}/socket-token`)).token;
    } catch (error) {
      if (error instanceof ApiError && (error.status === 401 || error.status === 404)) return null;
      throw error;
    }
  }
}
