// Countdowns follow the server's clock, not this computer's.
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { heard, secondsSince, secondsUntil } from "./clock";

beforeEach(() => void vi.useFakeTimers({ now: Date.parse("2026-11-23T10:00:00Z") }));
afterEach(() => void vi.useRealTimers());

describe("a countdown", () => {
  it("is right on a computer that is five minutes late", () => {
    heard("2026-11-23T10:05:00Z");

    expect(secondsUntil("2026-11-23T10:05:20Z")).toBe(20);
    expect(secondsSince("2026-11-23T10:04:30Z")).toBe(30);
  });

  it("runs with time and stops at nothing", () => {
    heard("2026-11-23T10:00:00Z");
    vi.setSystemTime(Date.parse("2026-11-23T10:00:15Z"));
    expect(secondsUntil("2026-11-23T10:00:20Z")).toBe(5);
    vi.setSystemTime(Date.parse("2026-11-23T10:01:00Z"));

    expect(secondsUntil("2026-11-23T10:00:20Z")).toBe(0);
  });

  it("ignores a time that it cannot read", () => {
    heard("2026-11-23T10:00:00Z");
    heard("yesterday");

    expect(secondsUntil("2026-11-23T10:00:20Z")).toBe(20);
  });
});
