// Writing on a ticket: to the citizen or for colleagues, never to be mistaken for each other.
import { useEffect, useRef } from "preact/hooks";
import type { Ticket } from "../api/types";
import { t, word } from "../i18n/console";
import { Icon } from "../ui/icons";
import { COMPOSER_ID, MODE_EVENT } from "./keyboard";
import type { Mode } from "./sending";
import { TEXT_CHARACTERS_MAX } from "./segments";
import { settings } from "./settings";
import { TextMeter, TextRefused, textWay } from "./text-meter";
import type { TicketStore } from "./ticket-store";

const CHARACTERS_MAX = 4000;
const LOW_CHARACTERS = 300;

interface TicketComposerProps {
  store: TicketStore;
  ticket: Ticket;
  /** False while something else of the ticket is asked for first. */
  takesFocus: boolean;
}

export function TicketComposer({ store, ticket, takesFocus }: TicketComposerProps) {
  const input = useRef<HTMLTextAreaElement>(null);
  const { note: canNote } = ticket.can;
  const refused = ticket.can.reply ? (ticket.reply_to?.refused ?? null) : null;
  const canReply = ticket.can.reply && refused === null;
  const mode: Mode = canReply && store.mode.value === "reply" ? "reply" : "note";
  const body = store.drafts[mode].value;
  const isText = mode === "reply" && ticket.reply_to?.channel === "sms";
  const left = (isText ? TEXT_CHARACTERS_MAX : CHARACTERS_MAX) - body.length;

  useEffect(() => {
    if (canReply && takesFocus) input.current?.focus({ preventScroll: true });
  }, [canReply, takesFocus]);
  useEffect(() => {
    const chosen = (event: Event) => (store.mode.value = (event as CustomEvent<Mode>).detail);
    addEventListener(MODE_EVENT, chosen);
    return () => removeEventListener(MODE_EVENT, chosen);
  }, [store]);

  if (!canNote && !canReply) return <p class="composer-none muted">{t("cannot_reply")}</p>;

  function send(event?: Event) {
    event?.preventDefault();
    if (left >= 0) store.send(mode);
    input.current?.focus();
  }

  function pressed(event: KeyboardEvent) {
    if (event.key !== "Enter" || event.isComposing || event.shiftKey) return;
    if (event.ctrlKey || event.metaKey || settings.value.entersSend) send(event);
  }

  return (
    <form class={`ticket-composer ${mode}`} data-hue={ticket.administration.hue} onSubmit={send}>
      <div class="composer-head">
        <div class="segments" role="group" aria-label={t("mode")}>
          {(["reply", "note"] as const).map((name) => (
            <button
              type="button"
              key={name}
              class={name}
              aria-pressed={mode === name}
              disabled={name === "reply" ? !canReply : !canNote}
              onClick={() => {
                store.mode.value = name;
                input.current?.focus();
              }}
            >
              <Icon name={name === "note" ? "lock" : "send"} size={14} /> {t(`mode_${name}`)}
            </button>
          ))}
        </div>
        <p class="composer-where small">
          {mode === "note" && t("note_hint")}
          {mode === "reply" &&
            ticket.reply_channel &&
            t("reply_on", { channel: word("channel", ticket.reply_channel) })}
          {isText && ticket.reply_to && ` · ${textWay(ticket.reply_to)}`}
          {isText && ticket.reply_to?.is_one_way && ` · ${t("text_one_way")}`}
        </p>
      </div>
      {!canReply && (refused ? <TextRefused reason={refused} /> : <p class="muted small">{t("cannot_reply_note")}</p>)}
      <label class="unseen" for={COMPOSER_ID}>
        {t(mode === "note" ? "write_note" : "write_reply")}
      </label>
      <textarea
        id={COMPOSER_ID}
        ref={input}
        rows={3}
        placeholder={t(mode === "note" ? "write_note" : "write_reply")}
        value={body}
        aria-invalid={left < 0}
        aria-describedby={`composer-hint composer-left${isText ? " composer-text" : ""}`}
        onInput={(event) => store.write(mode, event.currentTarget.value)}
        onKeyDown={pressed}
      />
      {isText && <TextMeter body={body} id="composer-text" />}
      <div class="composer-foot">
        <p class="muted small" id="composer-hint">
          {t(settings.value.entersSend ? "hint_enter" : "hint_ctrl")}
        </p>
        <p class="small left" id="composer-left" role="status">
          {left < 0 ? t("too_long", { n: -left }) : left <= LOW_CHARACTERS && t("characters_left", { n: left })}
        </p>
        <button type="submit" class="button primary" aria-disabled={!body.trim() || left < 0}>
          {t(mode === "note" ? "add_note" : "send")}
        </button>
      </div>
    </form>
  );
}
