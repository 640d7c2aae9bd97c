// Messages as words: who speaks, and what a line of the system says.
import { chatWords, t } from "../i18n/chat";
import { has } from "../i18n/translate";
import type { ChatMessage } from "./types";

export function whoSpeaks(message: ChatMessage): string {
  return message.kind === "citizen" ? t("you") : (message.author_name ?? t("agent"));
}

export function systemLine({ code, author_name, body }: ChatMessage): string {
  if (code === "agent_joined" && !author_name) return t("system_agent_joined_unnamed");
  const key = `system_${code}`;
  return has(chatWords, key) ? t(key, { name: author_name ?? "" }) : body || t("system_other");
}
