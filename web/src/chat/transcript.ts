// The conversation as plain text, to keep or to hand on.
import { t } from "../i18n/chat";
import { moment } from "../i18n/format";
import { systemLine, whoSpeaks } from "./words";
import type { ChatMessage } from "./types";

export function transcript(title: string, messages: readonly ChatMessage[]): string {
  const lines = messages.map((message) =>
    message.kind === "system"
      ? `[${moment(message.created_at)}] ${systemLine(message)}`
      : `[${moment(message.created_at)}] ${t("lead_in", { name: whoSpeaks(message) })} ${message.body}`,
  );
  return [title, "", ...lines, ""].join("\n");
}
