// Who is typing, forgotten after a moment: a lost "stopped typing" must not type for ever.
import { signal } from "@preact/signals";
import type { Typing } from "./live";

const EXPIRES_MS = 6000;

export class TypingMark {
  readonly who = signal<Typing | null>(null);
  private timer: ReturnType<typeof setTimeout> | undefined;

  seen(typing: Typing): void {
    this.who.value = typing;
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.clear(), EXPIRES_MS);
  }

  clear(): void {
    clearTimeout(this.timer);
    this.who.value = null;
  }
}
