// The console in English, continued: texts.
import type { fr } from "./texts.fr";
import type { SameKeys } from "./translate";

export const en: SameKeys<typeof fr> = {
  text_units: "{units} / {room} characters",
  text_parts: { one: "{n} SMS", other: "{n} SMS" },
  text_costly: "These characters shorten each SMS to 70 characters or less:",
  hard_space: "no-break space",
  text_one_way: "this sender’s name takes no answers",
  media_to_fetch: "Attachment {type}, not fetched yet",
  text_refused_number_disabled: "Withheld or disabled number: no text can be sent there.",
  text_refused_no_number: "The sender is no number that can be answered.",
  text_refused_costly_number: "Premium number: no text is sent there.",
  text_refused_country_not_allowed: "This administration sends no texts to that country. Answer by another channel.",
  text_refused_landline: "A landline: it takes no texts. Call, or write an email.",
  text_refused_unreachable: "The last texts could not be delivered. Try another channel.",
  text_refused_stopped: "The citizen sent STOP: they want no more of these texts.",
  text_refused_stopped_at_provider: "The operator blocks texts since the citizen sent STOP. If they send START, texts pass again.",
  text_refused_budget_spent: "Today’s budget of texts is spent. Answer by another channel, or tomorrow.",
  text_error_30003: "phone off or out of reach",
  text_error_30004: "blocked by the recipient",
  text_error_30005: "unknown number",
  text_error_30006: "landline, or operator out of reach",
  text_error_30007: "filtered by the operator",
  text_error_30008: "not delivered, the operator does not say why",
  text_error_21610: "blocked since the citizen’s STOP",
  text_error_21635: "landline",
  system_sms_stop: "The citizen wants no more news by text; answers to their matter remain possible",
  system_sms_start: "The citizen wants texts again",
  system_sms_choice: "The citizen was asked by text which matter they mean",
};
