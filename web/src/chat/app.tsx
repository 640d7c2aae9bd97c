// The citizen's page around its form and its conversation: title, header, language.
import { useSignalEffect } from "@preact/signals";
import { chatWords, t } from "../i18n/chat";
import { LANGUAGES, language, speak } from "../i18n/language";
import { Announcer } from "../ui/announcer";
import { Conversation } from "./conversation";
import { OpeningForm } from "./opening-form";
import type { ChatStore } from "./store";

export function App({ chat }: { chat: ChatStore }) {
  const campaign = chat.campaign.value;
  const administration = campaign?.administration ?? "";
  useSignalEffect(() => {
    const unread = chat.isVisible.value ? 0 : chat.unread.value;
    const name = chat.campaign.value ? t("title", { administration: chat.campaign.value.administration }) : "Guichet";
    document.title = unread ? `(${unread}) ${name}` : name;
  });
  const isTalking = chat.view.value === "conversation";
  return (
    <div class={isTalking ? "chat talking" : "chat"} data-hue={campaign?.hue}>
      <a class="skip" href="#main">
        {t(isTalking ? "skip" : "skip_form")}
      </a>
      <header class="chat-header">
        <div class="who">
          {campaign && <p class="administration">{administration}</p>}
          <h1>{campaign?.name[language.value] ?? "Guichet"}</h1>
        </div>
        <LanguageSwitch languages={campaign?.languages ?? LANGUAGES} />
      </header>
      <main id="main" tabIndex={-1}>
        <Body chat={chat} />
      </main>
      <Announcer />
    </div>
  );
}

function Body({ chat }: { chat: ChatStore }) {
  switch (chat.view.value) {
    case "loading":
      return (
        <p class="notice muted" role="status">
          <span class="spinner" /> {t("loading")}
        </p>
      );
    case "unknown":
      return (
        <div class="notice">
          <h2>{t("unknown_title")}</h2>
          <p>{t("unknown_body")}</p>
        </div>
      );
    case "broken":
      return (
        <div class="notice" role="alert">
          <h2>{t("broken_title")}</h2>
          <p>{t("broken_body")}</p>
          <button type="button" class="button primary" onClick={() => void chat.open()}>
            {t("try_again")}
          </button>
        </div>
      );
    case "form":
      if (chat.campaign.value!.is_open) return <OpeningForm chat={chat} />;
      return (
        <div class="notice">
          <h2>{t("closed_title")}</h2>
          <p>{t("closed_body")}</p>
        </div>
      );
    case "conversation":
      return <Conversation chat={chat} />;
  }
}

function LanguageSwitch({ languages }: { languages: readonly (typeof LANGUAGES)[number][] }) {
  if (languages.length < 2) return null;
  return (
    <div class="languages" role="group" aria-label={t("choose_language")}>
      {languages.map((tongue) => (
        <button
          type="button"
          key={tongue}
          lang={tongue}
          aria-pressed={language.value === tongue}
          onClick={() => speak(tongue)}
        >
          {chatWords[`language_${tongue}`]}
        </button>
      ))}
    </div>
  );
}
