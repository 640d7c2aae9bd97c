// The agent's telephone in this tab: whether it may ring here, and the call that it is in.
import { computed, effect, signal } from "@preact/signals";
import { ApiError, query } from "../api/http";
import type { Assignment, CallInHand, Offer } from "../api/types";
import { t } from "../i18n/console";
import { type Access, dial as dialLine, type Heard, type Line, type LineState, type Trouble } from "../phone/line";
import { mayListen } from "../phone/microphone";
import { announce, announceUrgently } from "../ui/announcer";
import { tabName } from "../ui/tab";
import { api } from "./session";
import { tellFailure } from "./toast";
import { accept, assignments, refetchWork, work } from "./work";

/** Off: no administration of this agent has a telephone. Elsewhere: another tab has theirs. */
export type PhoneState = "unknown" | "off" | "ready" | "elsewhere" | "microphone" | "unreachable";

/** What the screen shows of the line. */
export interface OnLine {
  interactionId: string;
  state: LineState;
  trouble: Trouble | null;
  isTyped: boolean;
  isMuted: boolean;
  heard: readonly Heard[];
}

const HEARD_MAX = 200;
const RETRY_SECONDS = 20;
const TOKEN_PATH = "/api/v1/softphone/token";

export const phone = signal<PhoneState>("unknown");
export const onLine = signal<OnLine | null>(null);
export const hasKeypad = signal(false);
/** The call in hand; an agent has one at most. */
export const calling = computed<(Assignment & { call: CallInHand }) | null>(() => {
  const found = assignments.value.find(({ call, state }) => call && call.state !== "ended" && state !== "wrapping");
  return (found as (Assignment & { call: CallInHand }) | undefined) ?? null;
});
/** The call in hand has no line here, and can have one: the company is asked anew when one goes back. */
export const mayRejoin = computed(
  () =>
    calling.value !== null &&
    (onLine.value?.state ?? "ended") === "ended" &&
    (phone.value === "ready" || phone.value === "unreachable"),
);
const wantsPhone = computed(() => work.value?.presence?.state === "ready" || calling.value !== null);

let line: Line | null = null;
let timer: ReturnType<typeof setTimeout> | undefined;
/** How often the telephone was asked for: an answer to an earlier question says nothing any more. */
let asked = 0;
let isTaking = false;
/** What this page was given last: its own to give up. */
let leasedUntil = "";
/** Assignments that were dialled for: who falls out of a call comes back by their own will. */
const dialled = new Set<string>();
const others = typeof BroadcastChannel === "undefined" ? null : new BroadcastChannel("guichet.telephone");

/** Be the agent's telephone for as long as the console is open; the returned function ends that. */
export function followPhone(): () => void {
  const endings = [
    effect(() => {
      clearTimeout(timer);
      if (wantsPhone.value) void keep();
    }),
    effect(() => {
      const wanted = calling.value;
      if (wanted && phone.value === "ready" && !dialled.has(wanted.id)) void dial(wanted);
      if (!wanted && onLine.peek()) leave();
    }),
  ];
  if (others) others.onmessage = () => leaveToOther();
  addEventListener("pagehide", parting);
  return () => {
    for (const end of endings) end();
    removeEventListener("pagehide", parting);
    clearTimeout(timer);
  };
}

/** Whoever is in a call comes back: the page is reloaded. */
const parting = () => void (calling.peek() || release());

/** This is the agent's telephone no more, and the next page need not take it. */
export async function release(): Promise<void> {
  if (phone.peek() !== "ready") return;
  phone.value = "unknown";
  const tab = await tabName();
  await api.send("DELETE", `${TOKEN_PATH}${query({ tab, until: leasedUntil })}`, { isParting: true }).catch(() => undefined);
}

/** Answer here from now on, although another tab does; a call in hand goes on here. */
export async function takePhone(): Promise<void> {
  await keep(true);
  if (phone.value !== "ready") return;
  others?.postMessage("taken");
  if (calling.value) void dial(calling.value);
}

/** Accept an offer. Who accepts a call here answers it here: before it is theirs, no other tab dials for it any more. */
export function acceptHere(offer: Offer): Promise<void> {
  return accept(offer, offer.channel === "voice" && phone.peek() === "elsewhere" ? takePhone() : undefined);
}

/** Dial into the conversation; the first time by itself, later when the agent asks. */
export async function dial(assignment: Assignment): Promise<void> {
  const { interaction_id: interactionId } = assignment;
  if (onLine.peek() && onLine.peek()!.state !== "ended") return;
  dialled.add(assignment.id);
  const begun: OnLine = { interactionId, state: "connecting", trouble: null, isTyped: false, isMuted: false, heard: [] };
  onLine.value = begun;
  const isMine = () => onLine.peek()?.interactionId === interactionId;
  try {
    const access = await ask({ interaction_id: interactionId });
    const opened = await dialLine(access, interactionId, {
      onState: (state, trouble) => isMine() && changed(state, trouble),
      onHeard: (heard) => isMine() && hear(heard),
      onExpiring: () => void ask({ interaction_id: interactionId }).then(({ token }) => line?.renew(token), refuse),
    });
    if (!isMine()) return opened.hangUp();
    line = opened;
    change({ isTyped: opened.isTyped, isMuted: opened.isMuted });
  } catch (error) {
    refuse(error);
    if (isMine()) changed("ended", "unreachable");
    askAgain(RETRY_SECONDS);
  }
}

export function mute(isMuted: boolean): void {
  line?.mute(isMuted);
  change({ isMuted });
  announce(t(isMuted ? "phone_muted" : "phone_unmuted"));
}

export function press(key: string): void {
  line?.press(key);
}

export function say(text: string): void {
  line?.say(text);
}

export async function hold(assignment: Assignment, isHeld: boolean): Promise<void> {
  await order(assignment, "hold", { is_held: isHeld });
  announce(t(isHeld ? "phone_held" : "phone_unheld"));
}

/** The server ends the call and begins the wrap-up; the line goes with it. */
export async function hangUp(assignment: Assignment): Promise<void> {
  await order(assignment, "hang-up");
}

async function order(assignment: Assignment, what: "hold" | "hang-up", body?: object): Promise<void> {
  try {
    await api.send("POST", `/api/v1/interactions/${assignment.interaction_id}/call/${what}`, body ? { body } : {});
  } catch (error) {
    tellFailure(error);
  }
  await refetchWork().catch(() => undefined);
}

/** Ask for the telephone, and again before what was given ends. Who takes it is not told what others are told. */
async function keep(take = false): Promise<void> {
  if (isTaking && !take) return;
  clearTimeout(timer);
  const mine = ++asked;
  let again = RETRY_SECONDS;
  isTaking = take;
  try {
    const access = await ask({ take });
    // Voices are typed on a machine without Twilio.
    const isReady = access.provider === "carrier" || (await mayListen());
    if (mine !== asked) return;
    phone.value = isReady ? "ready" : "microphone";
    again = isReady ? access.expires_in_seconds / 2 : RETRY_SECONDS;
  } catch (error) {
    if (mine !== asked) return;
    refuse(error);
  } finally {
    if (mine === asked) isTaking = false;
  }
  askAgain(again);
}

function askAgain(seconds: number): void {
  clearTimeout(timer);
  if (wantsPhone.peek() && phone.peek() !== "off") timer = setTimeout(() => void keep(), seconds * 1000);
}

async function ask(more: { take?: boolean; interaction_id?: string }): Promise<Access> {
  const access = await api.send<Access>("POST", TOKEN_PATH, { body: { tab: await tabName(), ...more } });
  if (access.leased_until > leasedUntil) leasedUntil = access.leased_until;
  return access;
}

function refuse(error: unknown): void {
  const code = error instanceof ApiError ? error.code : "";
  if (code === "softphone_elsewhere") leaveToOther();
  else phone.value = code === "softphone_off" ? "off" : "unreachable";
}

function leaveToOther(): void {
  phone.value = "elsewhere";
  // Who talks goes on until the other tab is on the line: the server then ends this one, and nobody is left alone.
  if (onLine.peek()?.state !== "talking") leave();
}

function leave(): void {
  const left = line;
  line = null;
  onLine.value = null;
  hasKeypad.value = false;
  left?.hangUp();
}

function changed(state: LineState, trouble?: Trouble): void {
  const before = onLine.peek()!.state;
  change({ state, trouble: trouble ?? null });
  if (state === before) return;
  if (state === "talking") announce(t("phone_on_line"));
  if (state === "reconnecting") announceUrgently(t("phone_reconnecting"));
  if (state === "ended") line = null;
  // The server knows by the company what this line knows already: read it soon.
  void refetchWork().catch(() => undefined);
}

function change(part: Partial<OnLine>): void {
  if (onLine.peek()) onLine.value = { ...onLine.peek()!, ...part };
}

function hear(heard: Heard): void {
  change({ heard: [...onLine.peek()!.heard, heard].slice(-HEARD_MAX) });
}
