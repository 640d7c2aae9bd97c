// The agent's own work: state, offers and conversations, refetched on every hint, and what they do with them.
import { computed, effect, signal } from "@preact/signals";
import type { Assignment, Offer, PauseReason, Presence, Work } from "../api/types";
import { t, word } from "../i18n/console";
import { heard, secondsUntil } from "../live/clock";
import { coalesce } from "../live/refetch";
import { announce, announceUrgently } from "../ui/announcer";
import { alertOffer } from "./alerts";
import { go, ticketPath } from "./router";
import { api, live } from "./session";
import { tell, tellFailure } from "./toast";

export const work = signal<Work | null>(null);

/** Offers that can still be answered; one that has run out leaves at once, without waiting for the server. */
export const offers = computed<Offer[]>(() =>
  (work.value?.offers ?? []).filter((offer) => secondsUntil(offer.expires_at) > 0),
);
export const assignments = computed<Assignment[]>(() => work.value?.assignments ?? []);
export const unread = computed(() => assignments.value.reduce((sum, assignment) => sum + assignment.unread, 0));
/** The offer that is being answered, so that it cannot be answered twice. */
export const answering = signal<string | null>(null);

export const refetchWork = coalesce(async () => {
  const next = await api.get<Work>("/api/v1/me/work");
  heard(next.server_time);
  const known = new Set(work.value?.offers.map((offer) => offer.id));
  const before = work.value?.presence;
  work.value = next;
  for (const offer of next.offers) if (!known.has(offer.id)) greet(offer);
  const { presence } = next;
  if (before && presence && presence.state !== before.state) tellState(presence);
});

export function followWork(): () => void {
  return live.watch({ room: "person", refetch: refetchWork });
}

// A countdown that reaches zero is as good a hint as a frame; one hint per offer, the server may be a little late.
const ranOut = new Set<string>();
effect(() => {
  const shown = new Set(offers.value.map((offer) => offer.id));
  const gone = (work.value?.offers ?? []).filter((offer) => !shown.has(offer.id) && !ranOut.has(offer.id));
  for (const offer of gone) ranOut.add(offer.id);
  if (gone.length) void refetchWork().catch(() => undefined);
});

export async function changeState(state: "ready" | "paused" | "offline", reason?: PauseReason): Promise<void> {
  try {
    const presence = await api.send<Presence>("PUT", "/api/v1/me/state", {
      body: reason ? { state, reason } : { state },
    });
    if (work.value) work.value = { ...work.value, presence };
    announce(t("state_announced", { state: word("state", presence.state) }));
  } catch (error) {
    tellFailure(error);
  }
}

/** `ready`: what must be so before the server is told. */
export async function accept(offer: Offer, ready?: Promise<void>): Promise<void> {
  if (await answer(offer, "accept", ready)) {
    tell(t("accepted"));
    go(ticketPath(offer.ticket_id));
  }
}

export async function decline(offer: Offer): Promise<void> {
  await answer(offer, "decline");
}

async function answer(offer: Offer, how: "accept" | "decline", ready?: Promise<void>): Promise<boolean> {
  if (answering.value) return false;
  answering.value = offer.id;
  try {
    await ready;
    await api.send("POST", `/api/v1/offers/${offer.id}/${how}`, how === "decline" ? { body: {} } : {});
    return true;
  } catch (error) {
    tellFailure(error);
    return false;
  } finally {
    answering.value = null;
    void refetchWork().catch(() => undefined);
  }
}

/** The assignment of mine on this ticket, whatever its state. */
export function mineOn(ticketId: string): Assignment | undefined {
  return assignments.value.find((assignment) => assignment.ticket_id === ticketId);
}

function greet(offer: Offer): void {
  const sentence = t("offer_announced", {
    topic: offer.topic.name,
    channel: word("channel", offer.channel),
    administration: offer.administration.name,
  });
  announceUrgently(sentence);
  alertOffer(t("offer_title", { topic: offer.topic.name }), offer.administration.name);
}

/** Somebody or something else changed it: a supervisor, missed offers, silence. One's own changes are known already. */
function tellState({ reason, state }: Presence): void {
  if (reason === "missed_offers") announceUrgently(t("rested_missed"));
  else if (reason === "unreachable") announceUrgently(t("rested_unreachable"));
  else tell(t("state_announced", { state: word("state", state) }));
}
