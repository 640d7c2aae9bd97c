// Where the citizen writes: Enter sends where there is a keyboard, the draft survives a reload.
import { useSignal } from "@preact/signals";
import type { RefObject } from "preact";
import { t } from "../i18n/chat";
import { Icon } from "../ui/icons";
import type { ChatStore } from "./store";

const LOW_CHARACTERS = 200;
/** On a touch keyboard Enter is how one goes to the next line. */
const hasTouchKeyboard = matchMedia("(pointer: coarse)");

export function Composer({ chat, input }: { chat: ChatStore; input: RefObject<HTMLTextAreaElement | null> }) {
  const body = useSignal(chat.draft());
  const max = chat.campaign.value!.max_chars;
  const left = max - body.value.length;

  function write(text: string) {
    body.value = text;
    chat.keepDraft(text);
    if (text) chat.typed();
  }

  function send(event?: Event) {
    event?.preventDefault();
    const text = body.value.trim();
    if (text && left >= 0) {
      chat.say(text);
      body.value = "";
    }
    input.current?.focus();
  }

  return (
    <form class="composer" onSubmit={send}>
      <label class="unseen" for="message">
        {t("write")}
      </label>
      <textarea
        id="message"
        ref={input}
        rows={1}
        placeholder={t("write")}
        value={body.value}
        aria-describedby="message-hint message-left"
        aria-invalid={left < 0}
        enterkeyhint={hasTouchKeyboard.matches ? "enter" : "send"}
        onInput={(event) => write(event.currentTarget.value)}
        onKeyDown={(event) => {
          if (event.key === "Enter" && !event.shiftKey && !event.isComposing && !hasTouchKeyboard.matches) send(event);
        }}
      />
      <button type="submit" class="button primary send" aria-label={t("send")} title={t("send")}>
        <Icon name="send" size={20} />
      </button>
      <p class="hint small muted" id="message-hint">
        {!hasTouchKeyboard.matches && t("write_hint")}
      </p>
      <p class="small left" id="message-left" role="status">
        {left < 0 ? t("message_too_long", { max }) : left <= LOW_CHARACTERS && t("characters_left", { n: left })}
      </p>
    </form>
  );
}
