// The live connection: the socket only hints that something changed, REST is asked what. Without it, polling.
import { signal } from "@preact/signals";
import { io, type Socket } from "socket.io-client";

export type Connection = "connecting" | "online" | "offline" | "signed_out";

/** A hint: something changed in *room*. Carries no data. */
export interface Changed {
  room: string;
  what: string;
  id: string;
  revision: number;
}

export interface Typing {
  room: string;
  who: "citizen" | "agent";
  name: string | null;
}

export interface Watcher {
  /** `person` and `wallboard` stand for the room of whoever is signed in. */
  room: string;
  refetch: () => Promise<unknown>;
  since?: () => number;
  onTyping?: (typing: Typing) => void;
}

export interface LiveOptions {
  /** A fresh token for each connection; null when signed out. */
  token: () => Promise<string | null>;
  onSignedOut?: (reason: string) => void;
  url?: string;
  pollOnlineSeconds?: number;
  pollOfflineSeconds?: number;
  reconnectDelaySeconds?: (attempt: number) => number;
}

const TYPING_EVERY_MS = 3000;
const defaultDelaySeconds = (attempt: number) => Math.min(15, 2 ** attempt / 2) * (0.5 + Math.random());

export class Live {
  readonly connection = signal<Connection>("connecting");
  /** When everything watched was last read, in milliseconds of this computer's clock. */
  readonly freshAtMs = signal(Date.now());

  private readonly watchers = new Set<Watcher>();
  private readonly typedAt = new Map<string, number>();
  private readonly socket: Socket;
  private attempt = 0;
  private isStopped = true;
  private retryTimer: ReturnType<typeof setTimeout> | undefined;
  private pollTimer: ReturnType<typeof setTimeout> | undefined;

  constructor(private readonly options: LiveOptions) {
    // Reconnection is ours: each attempt needs a fresh token first, and a refusal must be retried too.
    this.socket = io(options.url ?? "", { transports: ["websocket"], autoConnect: false, reconnection: false });
    this.socket.on("connect", () => this.connected());
    this.socket.on("disconnect", () => this.lost());
    this.socket.on("connect_error", () => this.lost());
    this.socket.on("changed", (frame: Changed) => this.changed(frame));
    this.socket.on("typing", (frame: Typing) => this.in(frame.room).forEach((watcher) => watcher.onTyping?.(frame)));
    this.socket.on("beat?", () => this.socket.emit("beat", {}));
    this.socket.on("move", (frame: { within_seconds: number }) => this.move(frame.within_seconds));
    this.socket.on("signed_out", (frame: { reason?: string }) => this.signedOut(frame?.reason ?? "signed_out"));
  }

  start(): void {
    if (!this.isStopped) return;
    this.isStopped = false;
    this.connection.value = "connecting";
    void this.connect();
    this.pollLater();
    globalThis.addEventListener?.("online", this.wake);
    globalThis.addEventListener?.("offline", this.cut);
    globalThis.document?.addEventListener("visibilitychange", this.wake);
  }

  stop(): void {
    this.isStopped = true;
    clearTimeout(this.retryTimer);
    clearTimeout(this.pollTimer);
    globalThis.removeEventListener?.("online", this.wake);
    globalThis.removeEventListener?.("offline", this.cut);
    globalThis.document?.removeEventListener("visibilitychange", this.wake);
    this.socket.disconnect();
  }

  /** Follow a room; what it holds is refetched on every hint, reconnection and poll. Returns how to stop. */
  watch(watcher: Watcher): () => void {
    this.watchers.add(watcher);
    if (this.socket.connected) this.join(watcher);
    return () => this.watchers.delete(watcher);
  }

  typing(room: string): void {
    const now = Date.now();
    if (!this.socket.connected || now - (this.typedAt.get(room) ?? 0) < TYPING_EVERY_MS) return;
    this.typedAt.set(room, now);
    this.socket.emit("typing", { room });
  }

  /** Read everything watched again. */
  async refetchAll(): Promise<void> {
    const results = await Promise.allSettled([...this.watchers].map((watcher) => watcher.refetch()));
    if (results.every((result) => result.status === "fulfilled")) this.freshAtMs.value = Date.now();
  }

  private async connect(): Promise<void> {
    if (this.isStopped || this.socket.active) return;
    try {
      const token = await this.options.token();
      if (token === null) return;
      this.socket.auth = { token };
      if (!this.isStopped) this.socket.connect();
    } catch {
      this.lost();
    }
  }

  private connected(): void {
    this.attempt = 0;
    this.connection.value = "online";
    for (const watcher of this.watchers) this.join(watcher);
    void this.refetchAll();
    this.pollLater();
  }

  private lost(): void {
    if (this.isStopped || this.connection.value === "signed_out") return;
    // Only the loss itself begins the faster polling: failed attempts must not put it off again and again.
    if (this.connection.value === "online") this.pollLater("offline");
    this.connection.value = "offline";
    this.attempt += 1;
    const seconds = (this.options.reconnectDelaySeconds ?? defaultDelaySeconds)(this.attempt);
    clearTimeout(this.retryTimer);
    this.retryTimer = setTimeout(() => void this.connect(), seconds * 1000);
  }

  private signedOut(reason: string): void {
    this.connection.value = "signed_out";
    this.stop();
    this.options.onSignedOut?.(reason);
  }

  /** The server is leaving: come back at a random moment, so that not everybody does at once. */
  private move(withinSeconds: number): void {
    setTimeout(() => this.socket.disconnect(), Math.random() * withinSeconds * 1000);
  }

  private join({ room, since }: Watcher): void {
    if (room !== "person") this.socket.emit("join", { room, since: since?.() ?? 0 });
  }

  private in(room: string): Watcher[] {
    return [...this.watchers].filter((watcher) => room === watcher.room || room.startsWith(`${watcher.room}:`));
  }

  private changed(frame: Changed): void {
    for (const watcher of this.in(frame.room)) void watcher.refetch().catch(() => undefined);
  }

  private pollLater(connection: Connection = this.connection.value): void {
    clearTimeout(this.pollTimer);
    if (this.isStopped) return;
    const { pollOnlineSeconds = 30, pollOfflineSeconds = 5 } = this.options;
    const seconds = connection === "online" ? pollOnlineSeconds : pollOfflineSeconds;
    this.pollTimer = setTimeout(() => void this.refetchAll().finally(() => this.pollLater()), seconds * 1000);
  }

  /** The browser knows before the socket's own time limit does. */
  private readonly cut = (): void => void this.socket.disconnect();

  /** The network or the eyes are back: no need to wait for the next timer. */
  private readonly wake = (): void => {
    if (globalThis.document?.hidden || this.isStopped) return;
    void this.refetchAll();
    if (!this.socket.active) {
      clearTimeout(this.retryTimer);
      void this.connect();
    }
  };
}
