// A call through Twilio, with its own library and the browser's microphone.
import { Call, Device } from "@twilio/voice-sdk";
import type { Access, Line, LineEvents, Trouble } from "./line";

/** Twilio's codes of a microphone that was refused or cannot be had. */
const MICROPHONE = [31401, 31402];

export async function dial(access: Access, interactionId: string, events: LineEvents): Promise<Line> {
  events.onState("connecting");
  const device = new Device(access.token, {
    closeProtection: true,
    codecPreferences: [Call.Codec.Opus, Call.Codec.PCMU],
    tokenRefreshMs: 30_000,
  });
  const line = new TwilioLine(device, events);
  try {
    line.follow(await device.connect({ params: { interaction: interactionId } }));
  } catch (error) {
    line.end(troubleOf(error));
  }
  return line;
}

class TwilioLine implements Line {
  readonly isTyped = false;
  isMuted = false;
  private call: Call | null = null;
  private isOver = false;

  constructor(
    private readonly device: Device,
    private readonly events: LineEvents,
  ) {
    device.on("tokenWillExpire", () => events.onExpiring());
    device.on("error", (error: unknown) => {
      // An error of the device alone ends nothing while a call goes on: the call tells its own.
      if (!this.call) this.end(troubleOf(error));
    });
  }

  follow(call: Call): void {
    this.call = call;
    call.on("accept", () => this.events.onState("talking"));
    call.on("reconnecting", () => this.events.onState("reconnecting"));
    call.on("reconnected", () => this.events.onState("talking"));
    call.on("disconnect", () => this.end());
    call.on("cancel", () => this.end());
    call.on("error", (error: unknown) => {
      if (call.status() === Call.State.Closed || troubleOf(error) === "microphone") this.end(troubleOf(error));
    });
  }

  mute(isMuted: boolean): void {
    this.isMuted = isMuted;
    this.call?.mute(isMuted);
  }

  press(key: string): void {
    this.call?.sendDigits(key);
  }

  say(): void {
    // People speak into the microphone.
  }

  renew(token: string): void {
    this.device.updateToken(token);
  }

  hangUp(): void {
    this.call?.disconnect();
    this.end();
  }

  end(trouble?: Trouble): void {
    if (this.isOver) return;
    this.isOver = true;
    this.device.destroy();
    this.events.onState("ended", trouble);
  }
}

function troubleOf(error: unknown): Trouble {
  const code = (error as { code?: number } | null)?.code ?? 0;
  const name = (error as { name?: string } | null)?.name ?? "";
  return MICROPHONE.includes(code) || name === "NotAllowedError" ? "microphone" : "unreachable";
}
