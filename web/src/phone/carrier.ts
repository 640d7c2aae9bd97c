// A call through the local telephone company (`channels/carrier/softphone.py`): events and typed words over a socket.
import { readStored, store } from "../ui/stored";
import type { Access, Heard, Line, LineEvents } from "./line";

const KEPT = "guichet.line";
/** The company keeps a call whose browser is gone for ten seconds. */
const RETRIES_MS = [200, 500, 1000, 2000, 3000, 3000];
const TALKING = 1;

/** Where a call was when its page was reloaded. */
interface Kept {
  interaction: string;
  call: string;
  seq: number;
  isMuted: boolean;
}

interface Told {
  type: string;
  seq?: number;
  call?: string;
  kind?: string;
  text?: string;
}

export function dial(access: Access, interactionId: string, events: LineEvents): Line {
  const kept = readStored<Kept>(sessionStorage, KEPT);
  return new CarrierLine(access, interactionId, events, kept?.interaction === interactionId ? kept : null);
}

class CarrierLine implements Line {
  readonly isTyped = true;
  isMuted: boolean;
  private socket!: WebSocket;
  private token: string;
  private call: string;
  private seq: number;
  /** Events up to this one happened before the page was there: when they are read, a call that has not ended lives. */
  private replayedTo: number | null = null;
  private failures = 0;
  private isOver = false;

  constructor(
    private readonly access: Access,
    private readonly interactionId: string,
    private readonly events: LineEvents,
    kept: Kept | null,
  ) {
    this.token = access.token;
    this.call = kept?.call ?? "";
    this.seq = kept?.seq ?? -1;
    this.isMuted = kept?.isMuted ?? false;
    events.onState("connecting");
    this.open();
  }

  mute(isMuted: boolean): void {
    this.isMuted = isMuted;
    this.keep();
    this.send({ do: "mute", on: isMuted });
  }

  press(key: string): void {
    this.send({ do: "press", digits: key });
  }

  say(text: string): void {
    this.send({ do: "say", text });
  }

  renew(token: string): void {
    this.token = token;
    this.send({ do: "refresh", token });
  }

  hangUp(): void {
    if (this.call) this.send({ do: "hangup" });
    this.end();
  }

  private open(): void {
    const address = new URL(this.access.url);
    address.protocol = address.protocol.replace("http", "ws");
    address.searchParams.set("token", this.token);
    if (this.call) address.searchParams.set("since", String(this.seq));
    this.socket = new WebSocket(address);
    this.socket.onmessage = ({ data }: MessageEvent<string>) => this.take(JSON.parse(data) as Told);
    this.socket.onclose = () => this.lost();
    // A close follows each error, and is what counts.
    this.socket.onerror = () => undefined;
  }

  private send(command: object): void {
    if (this.socket.readyState !== TALKING) return;
    this.socket.send(JSON.stringify(this.call ? { ...command, call: this.call } : command));
  }

  private take(told: Told): void {
    if (told.type === "registered") return this.registered(told.seq ?? 0);
    if (told.type === "token_will_expire") return this.events.onExpiring();
    if (told.type === "error") return this.fail();
    if (told.type === "refused") return this.call ? undefined : this.fail();
    if (told.seq !== undefined) this.seq = told.seq;
    if (told.type === "dialing" && !this.call) this.call = told.call ?? "";
    if (told.call === this.call) this.happened(told);
    this.keep();
    if (this.replayedTo !== null && this.seq >= this.replayedTo) this.resumed();
  }

  private registered(seq: number): void {
    if (!this.call) {
      this.seq = seq;
      return this.send({ do: "connect", params: { interaction: this.interactionId } });
    }
    // Counted anew: the company was restarted, and no call outlives that.
    if (seq < this.seq) return this.end();
    this.replayedTo = seq;
    if (this.seq >= seq) this.resumed();
  }

  private resumed(): void {
    this.replayedTo = null;
    this.failures = 0;
    if (this.isOver) return;
    // What was pressed while the socket was lost is not known over there.
    this.send({ do: "mute", on: this.isMuted });
    this.events.onState("talking");
  }

  private happened(told: Told): void {
    if (told.type === "answered") this.events.onState("talking");
    if (told.type === "ended") this.end();
    if (told.type === "said") this.events.onHeard({ by: "me", text: told.text ?? "" });
    if (told.type === "heard") this.events.onHeard({ by: speaker(told.kind), text: told.text ?? "" });
  }

  private lost(): void {
    if (this.isOver) return;
    const after = RETRIES_MS[this.failures];
    if (after === undefined) return this.fail();
    this.failures += 1;
    if (this.call) this.events.onState("reconnecting");
    setTimeout(() => this.isOver || this.open(), after);
  }

  private fail(): void {
    if (this.isOver) return;
    this.end("unreachable");
  }

  private end(trouble?: "unreachable"): void {
    if (this.isOver) return;
    this.isOver = true;
    store(sessionStorage, KEPT, null);
    this.socket.close();
    this.events.onState("ended", trouble);
  }

  private keep(): void {
    if (this.isOver || !this.call) return;
    const { interactionId: interaction, call, seq, isMuted } = this;
    store(sessionStorage, KEPT, { interaction, call, seq, isMuted } satisfies Kept);
  }
}

function speaker(kind: string | undefined): Heard["by"] {
  return kind === "speech" || kind === "digits" ? "other" : "line";
}
