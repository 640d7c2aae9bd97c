// Time as the server tells it: countdowns are right on a computer whose clock is wrong.
import { signal } from "@preact/signals";

let offsetMs = 0;

/** Learn the server's time from an answer; called with every body that has `server_time`. */
export function heard(serverTime: string, receivedAtMs: number = Date.now()): void {
  const told = Date.parse(serverTime);
  if (!Number.isNaN(told)) offsetMs = told - receivedAtMs;
}

/** The server's time now, in milliseconds. */
export function nowMs(): number {
  return Date.now() + offsetMs;
}

let timer: ReturnType<typeof setInterval> | undefined;

/** Changes every second while something on screen reads it. */
export const tick = signal(0, {
  watched() {
    timer = setInterval(() => (tick.value += 1), 1000);
  },
  unwatched() {
    clearInterval(timer);
  },
});

/** Seconds left until *at*, never below 0; re-renders every second. */
export function secondsUntil(at: string): number {
  void tick.value;
  return Math.max(0, (Date.parse(at) - nowMs()) / 1000);
}

/** Seconds gone since *at*, never below 0; re-renders every second. */
export function secondsSince(at: string): number {
  void tick.value;
  return Math.max(0, (nowMs() - Date.parse(at)) / 1000);
}
