// Keyboard shortcuts of the console, and the dialog that lists them.
import { useEffect } from "preact/hooks";
import { t } from "../i18n/console";
import { Dialog } from "../ui/dialog";
import { SPEECH_ID } from "./call-bar";
import { go, pane, ticketPath } from "./router";
import { account } from "./session";
import { settings } from "./settings";
import * as softphone from "./softphone";
import { calling, onLine } from "./softphone";
import { assignments, decline, offers } from "./work";

/** Where shortcuts send the focus; the elements carry these ids. */
export const SEARCH_ID = "ticket-search";
export const COMPOSER_ID = "composer";

/** Asks the open ticket's composer for a mode. */
export const MODE_EVENT = "guichet:mode";

export function useShortcuts(open: (dialog: "shortcuts" | "new-ticket") => void): void {
  useEffect(() => {
    function pressed(event: KeyboardEvent) {
      if (event.defaultPrevented || document.querySelector("dialog[open]")) return;
      const act = actionOf(event, open);
      if (!act) return;
      event.preventDefault();
      act();
    }
    addEventListener("keydown", pressed);
    return () => removeEventListener("keydown", pressed);
  }, []);
}

type Action = (() => void) | null;

function actionOf(event: KeyboardEvent, open: (dialog: "shortcuts" | "new-ticket") => void): Action {
  const isPlain = !event.altKey && !event.ctrlKey && !event.metaKey;
  if (isPlain && settings.value.hasSingleKeys && !isTyping(event.target)) {
    if (event.key === "/") return () => focusPane("tickets", SEARCH_ID);
    if (event.key === "?") return () => open("shortcuts");
  }
  if (!event.altKey || event.ctrlKey || event.metaKey || account().role !== "agent") return null;
  return agentAction(letterOf(event), open);
}

function agentAction(letter: string, open: (dialog: "new-ticket") => void): Action {
  const offer = offers.value[0];
  if (letter === "a" && offer) return () => void softphone.acceptHere(offer);
  if (letter === "d" && offer) return () => void decline(offer);
  if (letter === "n") return () => open("new-ticket");
  const call = callAction(letter);
  if (call) return call;
  if (letter === "r" || letter === "i") return () => chooseMode(letter === "r" ? "reply" : "note");
  const assignment = /^[1-9]$/.test(letter) ? assignments.value[Number(letter) - 1] : undefined;
  return assignment ? () => go(ticketPath(assignment.ticket_id)) : null;
}

/** What can be done with the call in hand. */
function callAction(letter: string): Action {
  const call = calling.value;
  const line = onLine.value;
  if (!call) return null;
  if (letter === "x") return () => void softphone.hangUp(call);
  if (line?.state !== "talking") return null;
  if (letter === "m") return () => softphone.mute(!line.isMuted);
  if (letter === "h" && call.call.state === "talking") return () => void softphone.hold(call, !call.call.is_held);
  if (letter === "k") return () => (softphone.hasKeypad.value = !softphone.hasKeypad.value);
  if (letter === "s" && line.isTyped) return () => document.getElementById(SPEECH_ID)?.focus();
  return null;
}

/** Alt makes other characters on some keyboards: fall back to where the key lies. */
function letterOf(event: KeyboardEvent): string {
  if (/^[a-z1-9]$/i.test(event.key)) return event.key.toLowerCase();
  return event.code.replace(/^(Key|Digit)/, "").toLowerCase();
}

function isTyping(target: EventTarget | null): boolean {
  return (
    target instanceof HTMLElement && (target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName))
  );
}

function focusPane(name: "tickets" | "ticket", id: string): void {
  pane.value = name;
  // The pane shows after this frame on a narrow screen.
  requestAnimationFrame(() => document.getElementById(id)?.focus());
}

function chooseMode(mode: "reply" | "note"): void {
  dispatchEvent(new CustomEvent(MODE_EVENT, { detail: mode }));
  focusPane("ticket", COMPOSER_ID);
}

export function ShortcutsDialog({ onClose }: { onClose: () => void }) {
  const alt = t("key_alt");
  const enter = `${t("key_ctrl")} + ${t("key_enter")}`;
  const everyone = [
    ["/", t("key_search")],
    ["?", t("key_help")],
  ] as const;
  const agents = [
    [`${alt} + A`, t("key_accept")],
    [`${alt} + D`, t("key_decline")],
    [`${alt} + 1…9`, t("key_conversation")],
    [`${alt} + R`, t("key_reply")],
    [`${alt} + I`, t("key_note")],
    [enter, t("key_send")],
    [`${alt} + M`, t("key_mute")],
    [`${alt} + H`, t("key_hold")],
    [`${alt} + K`, t("key_keypad")],
    [`${alt} + S`, t("key_speak")],
    [`${alt} + X`, t("key_hang_up")],
    [`${alt} + N`, t("key_new")],
  ] as const;
  const shown = account().role === "agent" ? [...agents, ...everyone] : everyone;
  return (
    <Dialog title={t("shortcuts")} onClose={onClose}>
      <dl class="keys">
        {shown.map(([keys, what]) => (
          <div key={keys}>
            <dt>
              <kbd>{keys}</kbd>
            </dt>
            <dd>{what}</dd>
          </div>
        ))}
      </dl>
      <div class="actions">
        <button type="button" class="button primary" onClick={onClose}>
          {t("close")}
        </button>
      </div>
    </Dialog>
  );
}
