// A phone menu being edited: what is wrong with it is named while one writes, and what it changes in the end.
import type { Language, MenuDocument, MenuOption, MenuState, MenuStep, PhoneMenu, SpokenTexts } from "../api/types";
import { t } from "../i18n/console";
import { language } from "../i18n/language";
import { same } from "./draft-store";
import { api } from "./session";
import { WatchedStore } from "./watched-store";

export const KEYS = ["1", "2", "3", "4", "5", "6", "7", "8"];
export const OPTIONS_MAX = 5;

export type Act = { digits: string } | { speech: string };

/** How long a menu takes to hear, by language. */
type Seconds = Partial<Record<Language, number>>;

export class MenuStore extends WatchedStore<MenuDocument, PhoneMenu, Seconds> {
  constructor(campaignId: string) {
    super(`/api/v1/campaigns/${campaignId}/phone-menu`, "menu");
  }

  get languages(): Language[] {
    return this.inForce.value!.languages;
  }

  protected async ask(document: MenuDocument): Promise<Seconds> {
    const { seconds } = await api.send<{ seconds: Seconds }>("POST", `${this.path}/check`, { body: { document } });
    return seconds;
  }

  protected override sent(document: MenuDocument): MenuDocument {
    return { ...document, options: document.options.map(({ id: _, ...option }) => option) };
  }

  /** One step of the draft as a caller: the first, or what follows on what they do. */
  walk(from: { language: Language; is_open: boolean } | { state: MenuState; act: Act }): Promise<MenuStep> {
    const document = this.sent(this.document);
    const body = "act" in from ? { document, state: from.state, ...from.act } : { document, ...from };
    return api.send<MenuStep>("POST", `${this.path}/walk`, { body });
  }

  topicName(id: string | null): string {
    return this.inForce.value!.topics.find((topic) => topic.id === id)?.name ?? "–";
  }
}

/** What is called so in the reader's language, else in whichever there is. */
export function told(texts: SpokenTexts): string {
  return texts[language.value] || texts.fr || texts.en || "–";
}

/** The difference between two menus, a sentence each. */
export function differences(before: MenuDocument, after: MenuDocument): string[] {
  const lines = (["welcome", "otherwise", "closed", "voicemail", "takes_messages"] as const)
    .filter((name) => !same(before[name], after[name]))
    .map((name) => t(`menu_changed_${name}`));
  for (const option of after.options) lines.push(...optionChange(before.options, option));
  for (const old of before.options) {
    if (!after.options.some((one) => one.key === old.key)) {
      lines.push(t("menu_changed_option_removed", { key: old.key, name: told(old.name) }));
    }
  }
  const order = (options: MenuOption[], others: MenuOption[]) =>
    options.map((one) => one.key).filter((key) => others.some((one) => one.key === key));
  if (!same(order(before.options, after.options), order(after.options, before.options))) {
    lines.push(t("menu_changed_order"));
  }
  if (!same(before.openings, after.openings) || !same(before.closed_on, after.closed_on)) {
    lines.push(t("menu_changed_hours"));
  }
  if (before.timeout_seconds !== after.timeout_seconds) lines.push(t("menu_changed_timeout"));
  return lines;
}

function optionChange(before: MenuOption[], option: MenuOption): string[] {
  const facts = { key: option.key, name: told(option.name) };
  const old = before.find((one) => one.key === option.key);
  if (!old) return [t("menu_changed_option_added", facts)];
  const parts = [
    ...(same(old.name, option.name) ? [] : [t("changed_name")]),
    ...(same(old.words, option.words) ? [] : [t("menu_changed_words")]),
    ...(old.leads_to === option.leads_to && old.topic === option.topic ? [] : [t("menu_changed_leads_to")]),
  ];
  return parts.length ? [t("menu_changed_option", { ...facts, fields: parts.join(", ") })] : [];
}
