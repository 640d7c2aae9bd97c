// A ticket is shown whatever becomes of the list of its calls.
import { expect, it, vi } from "vitest";
import { refused, serve } from "../testing/page";
import { TicketStore } from "./ticket-store";

it("is shown although its calls cannot be read", async () => {
  const ticket = { id: "t", last_seq: 0, can: {}, interactions: [{ channel: "voice" }], draft: null };
  serve((asked) => {
    if (asked.endsWith("/calls")) return refused(503, "unavailable");
    return { body: asked.includes("/messages") ? { items: [], last_seq: 0 } : ticket };
  });
  const store = new TicketStore("t");

  store.open();

  await vi.waitFor(() => expect(store.ticket.value).toEqual(ticket));
  expect(store.failure.value).toBeNull();
  store.close();
});
