// A call against a real socket: dialled once, gone on after losses and reloads, ended when the company says so.
import type { AddressInfo } from "node:net";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { WebSocket, WebSocketServer } from "ws";
import { dial } from "./carrier";
import type { Heard, Line, LineState } from "./line";

interface Command {
  do: string;
  [fact: string]: unknown;
}

let server: WebSocketServer;
let url: string;
let sockets: WebSocket[];
let addresses: URL[];
let commands: Command[];
const lines: Line[] = [];
const states: string[] = [];
const heard: Heard[] = [];
const events = {
  onState: (state: LineState, trouble?: string) => void states.push(trouble ? `${state} ${trouble}` : state),
  onHeard: (one: Heard) => void heard.push(one),
  onExpiring: () => void states.push("expiring"),
};

beforeEach(async () => {
  states.length = heard.length = 0;
  [sockets, addresses, commands] = [[], [], []];
  const kept = new Map<string, string>();
  vi.stubGlobal("WebSocket", WebSocket);
  vi.stubGlobal("sessionStorage", {
    getItem: (name: string) => kept.get(name) ?? null,
    setItem: (name: string, value: string) => void kept.set(name, value),
    removeItem: (name: string) => void kept.delete(name),
  });
  server = new WebSocketServer({ port: 0, host: "127.0.0.1" });
  server.on("connection", (socket, request) => {
    sockets.push(socket);
    addresses.push(new URL(request.url!, "http://company"));
    socket.on("message", (data) => void commands.push(JSON.parse(String(data)) as Command));
  });
  await new Promise((listening) => server.once("listening", listening));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/carrier/client`;
});

afterEach(() => {
  for (const line of lines.splice(0)) line.hangUp();
  for (const socket of sockets) socket.terminate();
  server.close();
  vi.unstubAllGlobals();
});

function open(interactionId = "i-1"): Line {
  const access = { token: "t-1", identity: "agent_x", provider: "carrier", url, expires_in_seconds: 300, leased_until: "2030-01-01T00:00:00Z" } as const;
  const line = dial(access, interactionId, events);
  lines.push(line);
  return line;
}
const tell = (event: object) => sockets.at(-1)!.send(JSON.stringify(event));
const connected = (count: number) => vi.waitFor(() => expect(sockets).toHaveLength(count), 5000);
const became = (state: string) => vi.waitFor(() => expect(states.at(-1)).toBe(state), 5000);

async function talking(): Promise<Line> {
  const line = open();
  await connected(1);
  tell({ type: "registered", identity: "agent_x", seq: 7 });
  await vi.waitFor(() => expect(commands).toHaveLength(1));
  tell({ type: "dialing", seq: 8, call: "CA1", other: "" });
  tell({ type: "answered", seq: 9, call: "CA1" });
  await became("talking");
  return line;
}

describe("a call through the local company", () => {
  it("dials the conversation, and tells what is heard and by whom", async () => {
    const line = await talking();
    line.say("Bonjour");
    line.press("5");
    line.mute(true);
    tell({ type: "heard", seq: 10, call: "CA1", kind: "speech", text: "Oui" });
    tell({ type: "heard", seq: 11, call: "CA1", kind: "play", text: "music" });
    tell({ type: "heard", seq: 12, call: "CA9", kind: "speech", text: "d'un autre appel" });
    tell({ type: "said", seq: 13, call: "CA1", text: "Bonjour" });

    await vi.waitFor(() => expect(heard).toHaveLength(3));
    expect(heard.map(({ by }) => by)).toEqual(["other", "line", "me"]);
    await vi.waitFor(() => expect(commands).toHaveLength(4));
    expect(commands[0]).toEqual({ do: "connect", params: { interaction: "i-1" } });
    expect(commands[1]).toEqual({ do: "say", text: "Bonjour", call: "CA1" });
    expect(states).toEqual(["connecting", "talking"]);
  });

  it("goes on where it was when its socket is lost, without dialling again", async () => {
    await talking();
    sockets[0]!.terminate();
    await became("reconnecting");
    await connected(2);
    tell({ type: "registered", identity: "agent_x", seq: 10 });
    tell({ type: "heard", seq: 10, call: "CA1", kind: "speech", text: "Vous êtes là ?" });

    await became("talking");
    expect(addresses[1]!.searchParams.get("since")).toBe("9");
    expect(heard.at(-1)!.text).toBe("Vous êtes là ?");
    expect(commands.filter((one) => one.do === "connect")).toHaveLength(1);
  });

  it("is found again by a page that was reloaded, but not for another conversation", async () => {
    await talking();
    open();
    await connected(2);
    tell({ type: "registered", identity: "agent_x", seq: 9 });
    await became("talking");
    open("i-2");
    await connected(3);
    tell({ type: "registered", identity: "agent_x", seq: 9 });

    await vi.waitFor(() => expect(commands.at(-1)).toEqual({ do: "connect", params: { interaction: "i-2" } }));
  });

  it("is as muted after a loss or a reload as its page says it is", async () => {
    const line = await talking();
    sockets[0]!.terminate();
    await became("reconnecting");
    line.mute(true);
    await connected(2);
    tell({ type: "registered", identity: "agent_x", seq: 9 });
    await became("talking");
    await vi.waitFor(() => expect(commands.at(-1)).toEqual({ do: "mute", on: true, call: "CA1" }));
    commands.length = 0;

    const again = open();
    expect(again.isMuted).toBe(true);
    await connected(3);
    tell({ type: "registered", identity: "agent_x", seq: 9 });

    await vi.waitFor(() => expect(commands.at(-1)).toEqual({ do: "mute", on: true, call: "CA1" }));
    again.mute(false);
    await vi.waitFor(() => expect(commands.at(-1)).toEqual({ do: "mute", on: false, call: "CA1" }));
    expect(open().isMuted).toBe(false);
  });

  it("is over when it ended while nobody listened, or the company was restarted", async () => {
    await talking();
    sockets[0]!.terminate();
    await connected(2);
    tell({ type: "registered", identity: "agent_x", seq: 10 });
    tell({ type: "ended", seq: 10, call: "CA1", status: "completed" });
    await became("ended");
    states.length = 0;
    commands.length = 0;
    const before = sockets.length;
    open();
    await connected(before + 1);
    tell({ type: "registered", identity: "agent_x", seq: 10 });
    await vi.waitFor(() => expect(commands).toHaveLength(1));
    tell({ type: "dialing", seq: 11, call: "CA2", other: "" });
    tell({ type: "answered", seq: 12, call: "CA2" });
    await became("talking");
    sockets.at(-1)!.terminate();
    await connected(before + 2);
    tell({ type: "registered", identity: "agent_x", seq: 1 });

    await became("ended");
  });

  it("renews its token, and ends in trouble when the token is no good", async () => {
    const line = await talking();
    tell({ type: "token_will_expire" });
    await became("expiring");
    line.renew("t-2");
    await vi.waitFor(() => expect(commands.at(-1)).toEqual({ do: "refresh", token: "t-2", call: "CA1" }));
    tell({ type: "error", code: 20104 });

    await became("ended unreachable");
  });

  it("hangs up", async () => {
    const line = await talking();
    line.hangUp();

    await vi.waitFor(() => expect(commands.at(-1)).toEqual({ do: "hangup", call: "CA1" }));
    expect(states.at(-1)).toBe("ended");
  });
});
