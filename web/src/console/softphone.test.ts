// The agent's telephone in a tab: what becomes of a call when the telephone, or its line, is not to be had.
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { refused, serve } from "../testing/page";
import type { Assignment, Offer, Work } from "../api/types";
import { acceptHere, dial, followPhone, mayRejoin, onLine, phone, takePhone } from "./softphone";
import { work } from "./work";

type Answer = Awaited<ReturnType<Parameters<typeof serve>[0]>>;

const TOKEN = "POST /api/v1/softphone/token";
const given: Answer = {
  body: { token: "t", identity: "agent_x", provider: "carrier", url: "http://127.0.0.1:9/none", expires_in_seconds: 300, leased_until: "2030-01-01T00:00:00+00:00" },
};
/** What the next requests for the telephone are answered; the last goes on. */
let answers: (Answer | Promise<Answer>)[];
let asked: unknown[];
let stop: (() => void) | undefined;

const call = (id: string) => ({ id, interaction_id: `i-${id}`, state: "connecting", call: { state: "waiting" } }) as Assignment;
const have = (...assignments: Assignment[]) =>
  (work.value = { offers: [], assignments, presence: null, server_time: "" } as unknown as Work);

beforeEach(() => {
  answers = [given];
  asked = [];
  serve((what, body) => {
    if (!what.startsWith("GET")) asked.push(body ?? what);
    if (what !== TOKEN) return { body: work.peek() };
    return answers.length > 1 ? answers.shift()! : answers[0]!;
  });
});

afterEach(() => {
  stop?.();
  have();
  onLine.value = null;
  phone.value = "unknown";
});

describe("the telephone of a tab", () => {
  it("leaves the call to the other tab when that has the telephone by then", async () => {
    answers = [refused(409, "softphone_elsewhere")];

    await dial(call("a"));

    expect(onLine.value).toBeNull();
    expect(phone.value).toBe("elsewhere");
  });

  it("does not end the line of the next call because that of the last one failed late", async () => {
    let fail!: (answer: Answer) => void;
    answers = [new Promise((late) => (fail = late)), new Promise(() => undefined)];
    const first = dial(call("a"));
    onLine.value = null;
    void dial(call("b"));
    fail(refused(503, "unavailable"));
    await first;

    expect(onLine.value).toMatchObject({ interactionId: "i-b", state: "connecting" });
  });

  it("offers the way back into a call when another tab had the telephone, and has not any more", async () => {
    stop = followPhone();
    have(call("c"));
    await vi.waitFor(() => expect(onLine.value).not.toBeNull());
    answers = [refused(409, "softphone_elsewhere")];
    await takePhone();
    expect(onLine.value).toBeNull();
    expect(mayRejoin.value).toBe(false);

    phone.value = "ready";

    expect(mayRejoin.value).toBe(true);
  });

  it("has the telephone that it took, whatever an earlier question is answered", async () => {
    let refuse!: (answer: Answer) => void;
    answers = [new Promise((late) => (refuse = late)), given];
    have(call("e"));
    stop = followPhone();
    await vi.waitFor(() => expect(asked).toHaveLength(1));
    await takePhone();
    refuse(refused(409, "softphone_elsewhere"));
    await new Promise((later) => setTimeout(later));

    expect(phone.value).toBe("ready");
  });

  it("goes back into the call when the agent wants to answer here", async () => {
    stop = followPhone();
    have(call("d"));
    await vi.waitFor(() => expect(onLine.value).not.toBeNull());
    answers = [refused(409, "softphone_elsewhere"), given];
    await takePhone();
    await takePhone();

    expect(asked.filter((one) => (one as { take?: boolean }).take)).toHaveLength(2);
    expect(onLine.value).toMatchObject({ interactionId: "i-d" });
  });

  it("is free for the next page when this one is left, but not when it is left within a call", async () => {
    stop = followPhone();
    work.value = { ...work.peek()!, presence: { state: "ready" } } as Work;
    await vi.waitFor(() => expect(phone.value).toBe("ready"));
    have(call("e"));
    dispatchEvent(new Event("pagehide"));
    have();
    dispatchEvent(new Event("pagehide"));

    await vi.waitFor(() => expect(asked.at(-1)).toMatch(/^DELETE .*token\?tab=tab-.*&until=2030-01-01T00%3A00%3A00%2B00%3A00$/));
    expect(asked.filter((one) => String(one).startsWith("DELETE"))).toHaveLength(1);
  });

  it("is where a call is accepted, whichever tab had it", async () => {
    answers = [refused(409, "softphone_elsewhere"), given];
    stop = followPhone();
    work.value = { ...work.peek()!, presence: { state: "ready" } } as Work;
    await vi.waitFor(() => expect(phone.value).toBe("elsewhere"));

    await acceptHere({ id: "o", channel: "voice", ticket_id: "t" } as Offer);

    expect(phone.value).toBe("ready");
    expect(asked.slice(-2)).toMatchObject([{ take: true }, "POST /api/v1/offers/o/accept"]);
  });
});
