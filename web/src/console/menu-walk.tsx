// The draft as its callers would go through it: what is said, the keys of a telephone, and words typed for spoken ones.
import { useSignal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import type { Language, MenuStep } from "../api/types";
import { t, word } from "../i18n/console";
import { Keypad, pressedBy } from "./keypad";
import type { Act, MenuStore } from "./menu-store";
import { explain } from "./session";

interface Line {
  isCaller: boolean;
  language?: Language;
  text: string;
}

export function MenuWalk({ store }: { store: MenuStore }) {
  const lines = useSignal<Line[]>([]);
  const step = useSignal<MenuStep | null>(null);
  const speech = useSignal("");
  const language = useSignal<Language>(store.languages[0]!);
  const isOpen = useSignal(true);
  const failure = useSignal("");
  const log = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (log.current) log.current.scrollTop = log.current.scrollHeight;
  }, [lines.value]);

  async function take(next: Promise<MenuStep>, before: Line[]): Promise<boolean> {
    try {
      step.value = await next;
      failure.value = "";
      lines.value = [...before, ...step.value.says.map((one) => ({ ...one, isCaller: false }))];
      return true;
    } catch (error) {
      failure.value = explain(error);
      await store.check().catch(() => undefined);
      return false;
    }
  }

  function start() {
    void take(store.walk({ language: language.value, is_open: isOpen.value }), []);
  }

  async function act(what: Act, told: string): Promise<boolean> {
    if (!step.value?.asks) return false;
    return take(store.walk({ state: step.value.state, act: what }), [...lines.value, { isCaller: true, text: told }]);
  }

  const press = (key: string) => void act({ digits: key }, t("menu_walk_pressed", { key }));

  async function say() {
    const typed = speech.value;
    const said = typed.trim();
    const isHeard = said && (await act({ speech: said }, t("menu_walk_said", { words: said })));
    if (isHeard && speech.value === typed) speech.value = "";
  }

  const isAsked = Boolean(step.value?.asks);
  return (
    <section
      class="menu-walk card"
      aria-labelledby="menu-walk"
      onKeyDown={(event) => pressedBy(event, press)}
    >
      <h2 id="menu-walk">{t("menu_walk")}</h2>
      <p class="muted small">{t("menu_walk_lead")}</p>
      <div class="plan-fields">
        {store.languages.length > 1 && (
          <div class="field">
            <label for="walk-language">{t("menu_walk_language")}</label>
            <select
              id="walk-language"
              value={language.value}
              onChange={(event) => (language.value = event.currentTarget.value as Language)}
            >
              {store.languages.map((one) => (
                <option key={one} value={one}>
                  {word("language", one)}
                </option>
              ))}
            </select>
          </div>
        )}
        <label class="check">
          <input
            type="checkbox"
            checked={!isOpen.value}
            onChange={(event) => (isOpen.value = !event.currentTarget.checked)}
          />
          {t("menu_walk_closed")}
        </label>
      </div>
      <button type="button" class="button primary" onClick={start}>
        {t(step.value ? "menu_walk_again" : "menu_walk_start")}
      </button>
      {failure.value && (
        <p class="alert" role="alert">
          {failure.value}
        </p>
      )}
      <div class="menu-said" ref={log} role="log" aria-label={t("menu_walk_heard")} tabIndex={0}>
        {lines.value.map((line, place) => (
          <p key={place} class={line.isCaller ? "caller" : ""} lang={line.language}>
            {line.text}
          </p>
        ))}
        {step.value?.ends && <p class="ends">{ending(store, step.value.ends)}</p>}
      </div>
      <Keypad label={t("menu_walk_keys")} isOff={!isAsked} onPress={press} />
      <div class="field">
        <label for="walk-speech">{t("menu_walk_speech")}</label>
        <div class="menu-speech">
          <input
            id="walk-speech"
            maxLength={200}
            disabled={!isAsked}
            value={speech.value}
            onInput={(event) => (speech.value = event.currentTarget.value)}
            onKeyDown={(event) => {
              if (event.key !== "Enter") return;
              event.preventDefault();
              void say();
            }}
          />
          <button type="button" class="button" disabled={!isAsked} onClick={() => void say()}>
            {t("menu_walk_say")}
          </button>
        </div>
      </div>
      <button
        type="button"
        class="button link"
        disabled={!isAsked}
        onClick={() => void act({ speech: "" }, t("menu_walk_silent"))}
      >
        {t("menu_walk_silence")}
      </button>
    </section>
  );
}

function ending(store: MenuStore, { kind, topic_id }: NonNullable<MenuStep["ends"]>): string {
  return t(`menu_ends_${kind}`, { topic: store.topicName(topic_id) });
}
