// Before the conversation: topic, optional name, first words. Kept through reloads until they are received.
import { useSignal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { ApiError } from "../api/http";
import { t } from "../i18n/chat";
import { language } from "../i18n/language";
import { announceUrgently } from "../ui/announcer";
import type { ChatStore, Opening } from "./store";

type Errors = Partial<Record<"topic_id" | "body", string>>;
const LOW_CHARACTERS = 200;

export function OpeningForm({ chat }: { chat: ChatStore }) {
  const campaign = chat.campaign.value!;
  const opening = useSignal<Opening>(chat.opening());
  const errors = useSignal<Errors>({});
  const failure = useSignal("");
  const isSending = useSignal(false);
  const form = useRef<HTMLFormElement>(null);
  const max = campaign.max_chars;

  useEffect(() => {
    if (chat.wasErased.value) announceUrgently(t("erased"));
  }, []);

  /** Other words get another key; the same words keep theirs, so that a retry is never a second conversation. */
  function change(part: Partial<Opening>) {
    opening.value = { ...opening.value, ...part, key: crypto.randomUUID() };
    chat.keepOpening(opening.value);
  }

  function check(): Errors {
    const { topic_id, body } = opening.value;
    return {
      ...(topic_id ? {} : { topic_id: t("topic_missing") }),
      ...(body.trim() ? {} : { body: t("message_missing") }),
      ...(body.length > max ? { body: t("message_too_long", { max }) } : {}),
    };
  }

  async function submit(event: Event) {
    event.preventDefault();
    if (isSending.value) return;
    failure.value = "";
    errors.value = check();
    const wrong = Object.keys(errors.value)[0];
    if (wrong) {
      form.current?.querySelector<HTMLElement>(`[name="${wrong}"]`)?.focus();
      return;
    }
    isSending.value = true;
    try {
      await chat.start(opening.value);
    } catch (error) {
      failure.value = explain(error);
    } finally {
      isSending.value = false;
    }
  }

  const left = max - opening.value.body.length;
  return (
    <form class="opening" ref={form} onSubmit={submit} noValidate>
      {chat.wasErased.value && <p class="done">{t("erased")}</p>}
      <p class="welcome">{campaign.welcome[language.value]}</p>
      <p class="muted small">{t("required")}</p>
      <div class="field">
        <label for="topic">{t("topic")}</label>
        <select
          id="topic"
          name="topic_id"
          required
          value={opening.value.topic_id}
          aria-invalid={Boolean(errors.value.topic_id)}
          aria-describedby="topic-error"
          onChange={(event) => change({ topic_id: event.currentTarget.value })}
        >
          <option value="">{t("topic_choose")}</option>
          {campaign.topics.map((topic) => (
            <option key={topic.id} value={topic.id}>
              {topic.name[language.value]}
            </option>
          ))}
        </select>
        <p class="error" id="topic-error">
          {errors.value.topic_id}
        </p>
      </div>
      <div class="field">
        <label for="name">
          {t("name")} <span class="muted optional">({t("optional")})</span>
        </label>
        <p class="hint" id="name-hint">
          {t("name_hint")}
        </p>
        <input
          id="name"
          name="name"
          autocomplete="name"
          maxLength={80}
          value={opening.value.name}
          aria-describedby="name-hint"
          onInput={(event) => change({ name: event.currentTarget.value })}
        />
      </div>
      <div class="field">
        <label for="body">{t("first_message")}</label>
        <p class="hint" id="body-hint">
          {t("first_message_hint")}
        </p>
        <textarea
          id="body"
          name="body"
          rows={4}
          required
          value={opening.value.body}
          aria-invalid={Boolean(errors.value.body)}
          aria-describedby="body-hint body-error body-left"
          onInput={(event) => change({ body: event.currentTarget.value })}
        />
        <p class="error" id="body-error">
          {errors.value.body}
        </p>
        <p class="hint" id="body-left">
          {left <= LOW_CHARACTERS && t("characters_left", { n: Math.max(0, left) })}
        </p>
      </div>
      <p class={failure.value ? "alert" : ""} role="alert">
        {failure.value}
      </p>
      <button type="submit" class="button primary large" aria-disabled={isSending.value}>
        {isSending.value && <span class="spinner" />}
        {t(isSending.value ? "starting" : "start")}
      </button>
      <p class="muted small">{t("privacy", { administration: campaign.administration })}</p>
    </form>
  );
}

function explain(error: unknown): string {
  if (error instanceof ApiError && error.code === "network") return t("start_failed");
  return (error instanceof ApiError && error.message) || t("unexpected");
}
