// The console's one outbox: replies and notes of every ticket, kept through reloads until acknowledged.
import { effect } from "@preact/signals";
import type { Message } from "../api/types";
import { Outbox } from "../live/outbox";
import { api, hasExpired, live, session } from "./session";

export type Mode = "reply" | "note";

export function target(mode: Mode, ticketId: string): string {
  return `${mode}:${ticketId}`;
}

const listeners = new Map<string, (message: Message) => void>();

/** Hear of the messages of a ticket that the server has taken. Returns how to stop. */
export function onAcknowledged(ticketId: string, listener: (message: Message) => void): () => void {
  listeners.set(ticketId, listener);
  return () => {
    if (listeners.get(ticketId) === listener) listeners.delete(ticketId);
  };
}

export const outbox = new Outbox<Message>({
  storage: sessionStorage,
  name: "guichet.outbox",
  post: ({ target: to, body, key }) => {
    const [mode, ticketId] = to.split(":");
    const place = mode === "note" ? "notes" : "messages";
    return api.send<Message>("POST", `/api/v1/tickets/${ticketId}/${place}`, { body: { body }, key });
  },
  onSent: ({ target: to }, message) => listeners.get(to.split(":")[1]!)?.(message),
});

effect(() => {
  const isBack = live.connection.value === "online";
  if (isBack && session.value && !hasExpired.value) outbox.flushAll();
});
