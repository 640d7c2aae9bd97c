// Messages appear once, in order, whatever order and however often they arrive.
import { describe, expect, it } from "vitest";
import { MessageLog, type Numbered } from "./message-log";

const message = (seq: number, revision = 1): Numbered => ({ id: `m${seq}`, seq, revision });

/** A log over a server that holds *count* messages. */
function logOf(count: number) {
  const stored = Array.from({ length: count }, (_, index) => message(index + 1));
  const asked: [number, number][] = [];
  const log = new MessageLog<Numbered>((since, limit) => {
    asked.push([since, limit]);
    const items = stored.filter(({ seq }) => seq > since).slice(0, limit);
    return Promise.resolve({ items, last_seq: stored.length });
  });
  return { log, stored, asked, seqs: () => log.messages.value.map(({ seq }) => seq) };
}

const upTo = (last: number, first = 1) => Array.from({ length: last - first + 1 }, (_, index) => first + index);

describe("a message log", () => {
  it("shows each message once, by its number", () => {
    const { log, seqs } = logOf(0);
    log.merge([message(3), message(1)]);
    log.merge([message(2), message(3)]);

    expect(seqs()).toEqual([1, 2, 3]);
  });

  it("keeps the newest revision of a message, even when an older answer comes late", () => {
    const { log } = logOf(0);
    log.merge([message(1, 2)]);
    log.merge([message(1, 1)]);
    expect(log.messages.value[0]?.revision).toBe(2);
    log.merge([message(1, 3)]);

    expect(log.messages.value[0]?.revision).toBe(3);
  });

  it("opens at the end of a long conversation and goes back on demand", async () => {
    const { log, seqs } = logOf(250);
    await log.open(250);
    expect(seqs()).toEqual(upTo(250, 151));
    expect(log.hasEarlier.value).toBe(true);
    await log.loadEarlier();
    await log.loadEarlier();

    expect(seqs()).toEqual(upTo(250));
    expect(log.hasEarlier.value).toBe(false);
  });

  it("catches up on everything that came while it was away", async () => {
    const { log, stored, seqs } = logOf(5);
    await log.open(5);
    for (const seq of upTo(320, 6)) stored.push(message(seq));
    await log.refresh();

    expect(seqs()).toEqual(upTo(320));
  });

  it("sees the delivery state of a recent message move", async () => {
    const { log, stored } = logOf(40);
    await log.open(40);
    stored[39] = message(40, 2);
    await log.refresh();

    expect(log.messages.value.at(-1)?.revision).toBe(2);
  });
});
