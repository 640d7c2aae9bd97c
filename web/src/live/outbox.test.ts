// What is written is sent once, in order, with one key, whatever the network does.
import { beforeEach, describe, expect, it, vi } from "vitest";
import { ApiError } from "../api/http";
import { Outbox, type Pending, unheard } from "./outbox";

/** The browser's storage, as far as the outbox uses it. */
class Shelf implements Storage {
  private readonly kept = new Map<string, string>();
  get length() {
    return this.kept.size;
  }
  key = (index: number) => [...this.kept.keys()][index] ?? null;
  getItem = (name: string) => this.kept.get(name) ?? null;
  setItem = (name: string, value: string) => void this.kept.set(name, value);
  removeItem = (name: string) => void this.kept.delete(name);
  clear = () => this.kept.clear();
}

const lost = () => new ApiError(0, "network", "");
const refused = () => new ApiError(422, "invalid_request", "Trop long.");

let storage: Shelf;
let sent: Pending[];

beforeEach(() => {
  storage = new Shelf();
  sent = [];
});

function outbox(post: (item: Pending) => Promise<string>, retryDelaySeconds = () => 0.005) {
  return new Outbox({ storage, name: "outbox", post, retryDelaySeconds, onSent: (item) => sent.push(item) });
}

describe("the outbox", () => {
  it("retries a lost answer with the same key until it is acknowledged", async () => {
    const keys: string[] = [];
    const box = outbox((item) => {
      keys.push(item.key);
      return keys.length < 3 ? Promise.reject(lost()) : Promise.resolve("ok");
    });
    box.add("reply:1", "Bonjour");

    await vi.waitFor(() => expect(sent).toHaveLength(1));
    expect(keys).toHaveLength(3);
    expect(new Set(keys).size).toBe(1);
    expect(box.items.value).toEqual([]);
  });

  it("keeps what is not acknowledged through a reload, key included", async () => {
    const before = outbox(
      () => Promise.reject(lost()),
      () => 3600,
    );
    before.add("reply:1", "Bonjour");
    await vi.waitFor(() => expect(before.items.value[0]?.state).toBe("unsent"));
    const after = outbox(() => Promise.resolve("ok"));

    expect(after.items.value.map(({ key, body }) => [key, body])).toEqual([[before.items.value[0]!.key, "Bonjour"]]);
    after.flushAll();
    await vi.waitFor(() => expect(sent[0]?.key).toBe(before.items.value[0]!.key));
    expect(storage.getItem("outbox")).toBeNull();
  });

  it("never lets the second message of a ticket overtake the first", async () => {
    const bodies: string[] = [];
    let tries = 0;
    const box = outbox((item) => {
      if (item.body === "un" && ++tries < 3) return Promise.reject(lost());
      bodies.push(item.body);
      return Promise.resolve("ok");
    });
    box.add("reply:1", "un");
    box.add("reply:1", "deux");

    await vi.waitFor(() => expect(bodies).toEqual(["un", "deux"]));
  });

  it("keeps a refused message with the server's sentence, and goes on with the next", async () => {
    const box = outbox((item) => (item.body === "long" ? Promise.reject(refused()) : Promise.resolve("ok")));
    box.add("reply:1", "long");
    box.add("reply:1", "court");

    await vi.waitFor(() => expect(sent.map((item) => item.body)).toEqual(["court"]));
    expect(box.items.value.map(({ state, reason }) => [state, reason])).toEqual([["refused", "Trop long."]]);
  });

  it("waits for a new sign-in rather than give a message up", async () => {
    let isSignedIn = false;
    const post = () => (isSignedIn ? Promise.resolve("ok") : Promise.reject(new ApiError(401, "not_signed_in", "")));
    const box = outbox(post, () => 3600);
    box.add("note:1", "À rappeler");
    await vi.waitFor(() => expect(box.items.value[0]?.state).toBe("unsent"));
    isSignedIn = true;
    box.flushAll();

    await vi.waitFor(() => expect(sent).toHaveLength(1));
  });

  it("forgets everything when told to", async () => {
    const box = outbox(
      () => Promise.reject(lost()),
      () => 3600,
    );
    box.add("reply:1", "Bonjour");
    box.clear();

    expect(box.items.value).toEqual([]);
    expect(storage.getItem("outbox")).toBeNull();
  });
});

it("hides a pending item once its message was read from the server, before its own answer came", () => {
  const box = outbox(() => new Promise<string>(() => undefined));
  box.add("chat", "Bonjour");
  const { key } = box.items.value[0]!;

  expect(unheard(box.items.value, [{ key: null }])).toHaveLength(1);
  expect(unheard(box.items.value, [{ key }])).toEqual([]);
});
