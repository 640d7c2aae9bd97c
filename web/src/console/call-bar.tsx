// The call in hand, on every page of the console: who, how it stands, and what one can do with it.
import { useSignal } from "@preact/signals";
import { useEffect, useLayoutEffect, useRef } from "preact/hooks";
import type { Assignment, CallInHand } from "../api/types";
import { t } from "../i18n/console";
import { timer } from "../i18n/format";
import { secondsSince } from "../live/clock";
import type { Heard } from "../phone/line";
import { Icon } from "../ui/icons";
import { numberOf } from "./call-row";
import { Keypad, pressedBy } from "./keypad";
import { Link, ticketPath } from "./router";
import * as softphone from "./softphone";
import { calling, mayRejoin, onLine, phone } from "./softphone";
import { TransferButton } from "./transfer";

export const SPEECH_ID = "call-speech";

export function CallBar() {
  const call = calling.value;
  return (
    <>
      {onLine.value?.state !== "talking" && <PhoneNotice />}
      {call && <InHand call={call} />}
    </>
  );
}

function InHand({ call }: { call: Assignment & { call: CallInHand } }) {
  const line = onLine.value;
  const isOn = line?.state === "talking";
  return (
    <section class="call" aria-label={t("call_in_hand")}>
      <div class="call-row">
        <span class="hue" data-hue={call.administration.hue} />
        <Icon name="voice" size={20} />
        <p class="call-who">
          <Link to={ticketPath(call.ticket_id)}>{call.citizen_name ?? numberOf(call.call)}</Link>
          <span class="muted small">{call.administration.name}</span>
        </p>
        <Standing call={call} />
        <div class="call-acts">
          {mayRejoin.value && (
            <button type="button" class="button primary" onClick={() => void softphone.dial(call)}>
              {t("phone_rejoin")}
            </button>
          )}
          {isOn && <InCall call={call} isMuted={line.isMuted} />}
          {isOn && <TransferButton ticketId={call.ticket_id} />}
          <button
            type="button"
            class="button danger"
            aria-keyshortcuts="Alt+X"
            onClick={() => void softphone.hangUp(call)}
          >
            {t("phone_hang_up")}
          </button>
        </div>
      </div>
      {line?.trouble && <p class="alert">{t(`phone_trouble_${line.trouble}`)}</p>}
      <div class="call-below">
        {line?.isTyped && line.state !== "ended" && <Talk heard={line.heard} isMuted={line.isMuted} />}
        {isOn && softphone.hasKeypad.value && <CallKeypad />}
      </div>
    </section>
  );
}

/** Why the telephone cannot ring here; nothing when it can. */
function PhoneNotice() {
  const state = phone.value;
  if (state === "elsewhere") {
    return (
      <div class="banner phone-notice" role="status">
        <Icon name="voice" />
        <p>{t("phone_elsewhere")}</p>
        <button type="button" class="button" onClick={() => void softphone.takePhone()}>
          {t("phone_take")}
        </button>
      </div>
    );
  }
  if (state !== "microphone" && state !== "unreachable") return null;
  return (
    <div class="banner phone-notice" role="status">
      <Icon name="warning" />
      <p>{t(`phone_${state}`)}</p>
    </div>
  );
}

function Standing({ call: { call, started_at } }: { call: Assignment & { call: CallInHand } }) {
  const line = onLine.value;
  const isComing = line ? line.state === "connecting" : phone.value === "unknown";
  if (isComing) return <p class="call-state">{t("phone_connecting")}</p>;
  if (!line || line.state === "ended") return <p class="call-state grave">{t("phone_off_line")}</p>;
  if (line.state === "reconnecting") return <p class="call-state grave">{t("phone_reconnecting")}</p>;
  if (call.state === "calling") return <p class="call-state">{t("phone_calling")}</p>;
  if (call.state !== "talking") return <p class="call-state">{t("phone_joining")}</p>;
  return (
    <p class={call.is_held ? "call-state held" : "call-state"}>
      {t(call.is_held ? "phone_is_held" : "phone_talking")}{" "}
      <span class="tabular" role="timer" aria-label={t("phone_length")}>
        {timer(secondsSince(started_at))}
      </span>
    </p>
  );
}

function InCall({ call, isMuted }: { call: Assignment & { call: CallInHand }; isMuted: boolean }) {
  const { is_held: isHeld, state } = call.call;
  return (
    <>
      <button
        type="button"
        class="button"
        aria-pressed={isMuted}
        aria-keyshortcuts="Alt+M"
        onClick={() => softphone.mute(!isMuted)}
      >
        {t("phone_mute")}
      </button>
      <button
        type="button"
        class="button"
        aria-pressed={isHeld}
        aria-keyshortcuts="Alt+H"
        disabled={state !== "talking"}
        onClick={() => void softphone.hold(call, !isHeld)}
      >
        {t("phone_hold")}
      </button>
      <button
        type="button"
        class="button"
        aria-expanded={softphone.hasKeypad.value}
        aria-keyshortcuts="Alt+K"
        onClick={() => (softphone.hasKeypad.value = !softphone.hasKeypad.value)}
      >
        {t("phone_keypad")}
      </button>
    </>
  );
}

function CallKeypad() {
  const keys = useRef<HTMLDivElement>(null);
  // Before anything else is pressed: a digit that follows at once belongs here.
  useLayoutEffect(() => keys.current?.querySelector("button")?.focus(), []);
  return (
    <div
      class="call-keypad"
      ref={keys}
      onKeyDown={(event) => {
        if (event.key === "Escape") softphone.hasKeypad.value = false;
        pressedBy(event, softphone.press);
      }}
    >
      <Keypad label={t("phone_keypad")} onPress={softphone.press} />
    </div>
  );
}

/** The conversation where voices are typed: what is heard, and what one says. */
function Talk({ heard, isMuted }: { heard: readonly Heard[]; isMuted: boolean }) {
  const words = useSignal("");
  const log = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (log.current) log.current.scrollTop = log.current.scrollHeight;
  }, [heard]);
  function submit(event: Event) {
    event.preventDefault();
    const said = words.value.trim();
    if (!said || isMuted) return;
    softphone.say(said);
    words.value = "";
  }
  return (
    <div class="call-talk">
      <div class="call-heard" ref={log} role="log" aria-label={t("phone_heard")} tabIndex={0}>
        {heard.map(({ by, text }, place) => (
          <p key={place} class={by} aria-live={by === "me" ? "off" : undefined}>
            <span class="unseen">{t(`phone_by_${by}`)} : </span>
            {by === "line" ? t("phone_line_says", { text }) : text}
          </p>
        ))}
      </div>
      <form onSubmit={submit}>
        <label class="unseen" for={SPEECH_ID}>
          {t("phone_speech")}
        </label>
        <input
          id={SPEECH_ID}
          aria-keyshortcuts="Alt+S"
          maxLength={2000}
          autocomplete="off"
          placeholder={t(isMuted ? "phone_is_muted" : "phone_speech")}
          value={words.value}
          onInput={(event) => (words.value = event.currentTarget.value)}
        />
        <button type="submit" class="button" aria-disabled={isMuted}>
          {t("menu_walk_say")}
        </button>
      </form>
    </div>
  );
}
