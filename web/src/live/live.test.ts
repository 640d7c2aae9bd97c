// The live connection against a real Socket.IO server: hints lead to refetches, losses to reconnection.
import { createServer, type Server as HttpServer } from "node:http";
import type { AddressInfo } from "node:net";
import { Server, type Socket } from "socket.io";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { Live, type LiveOptions } from "./live";

let http: HttpServer;
let server: Server;
let url: string;
let live: Live;
const joined: string[] = [];
const tokens: unknown[] = [];

beforeEach(async () => {
  joined.length = tokens.length = 0;
  http = createServer();
  server = new Server(http, { transports: ["websocket"] });
  server.on("connection", (socket: Socket) => {
    tokens.push(socket.handshake.auth["token"]);
    socket.on("join", ({ room }: { room: string }) => joined.push(room));
  });
  await new Promise<void>((listening) => http.listen(0, "127.0.0.1", listening));
  url = `http://127.0.0.1:${(http.address() as AddressInfo).port}`;
});

afterEach(async () => {
  live.stop();
  await server.close();
});

function connect(options: Partial<LiveOptions> = {}): Live {
  let issued = 0;
  const token = () => Promise.resolve(`token-${++issued}`);
  live = new Live({ url, token, reconnectDelaySeconds: () => 0.01, ...options });
  live.start();
  return live;
}

const online = () => vi.waitFor(() => expect(live.connection.value).toBe("online"));

describe("a live connection", () => {
  it("joins its rooms and refetches as soon as it is there", async () => {
    const refetch = vi.fn(() => Promise.resolve());
    connect().watch({ room: "ticket:1", refetch });

    await vi.waitFor(() => expect(joined).toEqual(["ticket:1"]));
    expect(refetch).toHaveBeenCalled();
  });

  it("refetches what a hint is about and nothing else", async () => {
    const [mine, other] = [vi.fn(() => Promise.resolve()), vi.fn(() => Promise.resolve())];
    connect().watch({ room: "ticket:1", refetch: mine });
    live.watch({ room: "ticket:2", refetch: other });
    await vi.waitFor(() => expect(other).toHaveBeenCalledTimes(1));
    const before = mine.mock.calls.length;
    server.emit("changed", { room: "ticket:1", what: "messages", id: "x", revision: 1 });

    await vi.waitFor(() => expect(mine.mock.calls.length).toBe(before + 1));
    expect(other).toHaveBeenCalledTimes(1);
  });

  it("takes hints of its person's room under the room's plain name, and never asks to join it", async () => {
    const refetch = vi.fn(() => Promise.resolve());
    connect().watch({ room: "person", refetch });
    await online();
    const before = refetch.mock.calls.length;
    server.emit("changed", { room: "person:42", what: "work", id: "x", revision: 1 });

    await vi.waitFor(() => expect(refetch.mock.calls.length).toBe(before + 1));
    expect(joined).toEqual([]);
  });

  it("comes back after a loss with a fresh token, the same rooms and a refetch", async () => {
    const refetch = vi.fn(() => Promise.resolve());
    connect().watch({ room: "ticket:1", refetch });
    await online();
    const before = refetch.mock.calls.length;
    server.disconnectSockets(true);

    await vi.waitFor(() => expect(tokens).toEqual(["token-1", "token-2"]));
    await vi.waitFor(() => expect(joined).toEqual(["ticket:1", "ticket:1"]));
    await vi.waitFor(() => expect(refetch.mock.calls.length).toBeGreaterThan(before));
  });

  it("tries again when the token could not be had", async () => {
    let asked = 0;
    const token = () => (++asked === 1 ? Promise.reject(new Error("down")) : Promise.resolve("later"));
    connect({ token });

    await online();
    expect(tokens).toEqual(["later"]);
  });

  it("polls while there is no connection", async () => {
    const refetch = vi.fn(() => Promise.resolve());
    connect({ token: () => Promise.reject(new Error("down")), pollOfflineSeconds: 0.01 });
    live.watch({ room: "person", refetch });

    await vi.waitFor(() => expect(refetch.mock.calls.length).toBeGreaterThan(2));
    expect(live.connection.value).not.toBe("online");
  });

  it("answers the server's beat", async () => {
    const beaten = new Promise((resolve) => server.on("connection", (socket: Socket) => socket.on("beat", resolve)));
    connect();
    await online();
    server.emit("beat?", {});

    await expect(beaten).resolves.toEqual({});
  });

  it("stays away once signed out, and says so", async () => {
    const onSignedOut = vi.fn();
    connect({ onSignedOut });
    await online();
    server.emit("signed_out", { reason: "elsewhere" });

    await vi.waitFor(() => expect(onSignedOut).toHaveBeenCalledWith("elsewhere"));
    expect(live.connection.value).toBe("signed_out");
    expect(tokens).toHaveLength(1);
  });

  it("moves to another server when asked to", async () => {
    connect();
    await online();
    server.emit("move", { within_seconds: 0 });

    await vi.waitFor(() => expect(tokens).toHaveLength(2));
  });

  it("says that one is typing once, however many keys are pressed", async () => {
    const typed: unknown[] = [];
    server.on("connection", (socket: Socket) => {
      socket.on("typing", (frame) => typed.push(frame));
      socket.on("beat", () => typed.push("last"));
    });
    connect();
    await online();
    live.typing("ticket:1");
    live.typing("ticket:1");
    server.emit("beat?", {});

    await vi.waitFor(() => expect(typed).toEqual([{ room: "ticket:1" }, "last"]));
  });
});
