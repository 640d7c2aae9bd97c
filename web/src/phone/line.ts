// One call of this browser: the same for Twilio's own library and for the telephone company of `make run`.

/** What the server gives the tab that may be the agent's telephone. */
export interface Access {
  token: string;
  identity: string;
  provider: "twilio" | "carrier";
  url: string;
  expires_in_seconds: number;
  leased_until: string;
}

export type LineState = "connecting" | "talking" | "reconnecting" | "ended";
/** Why a line ended by itself: the browser may not listen, or the company could not be reached. */
export type Trouble = "microphone" | "unreachable";

/** What is heard where voices are typed: the other side, oneself, or the line itself (music, an announcement). */
export interface Heard {
  by: "other" | "me" | "line";
  text: string;
}

export interface LineEvents {
  onState(state: LineState, trouble?: Trouble): void;
  onHeard(heard: Heard): void;
  /** The token ends soon: give `renew` another. */
  onExpiring(): void;
}

export interface Line {
  /** Words are typed and read instead of spoken and heard. */
  readonly isTyped: boolean;
  /** A call that goes on after a reload is as muted as it was. */
  readonly isMuted: boolean;
  mute(isMuted: boolean): void;
  press(key: string): void;
  say(text: string): void;
  renew(token: string): void;
  /** Leave the call. */
  hangUp(): void;
}

/** Dial into a conversation; each way in is fetched only when it is used. */
export async function dial(access: Access, interactionId: string, events: LineEvents): Promise<Line> {
  const way = access.provider === "twilio" ? await import("./twilio") : await import("./carrier");
  return way.dial(access, interactionId, events);
}
