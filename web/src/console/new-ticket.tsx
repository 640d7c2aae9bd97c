// A new ticket by hand: somebody asked by another way, or a matter one found.
import { useSignal } from "@preact/signals";
import { useEffect, useMemo, useRef } from "preact/hooks";
import type { Campaign, Ticket } from "../api/types";
import { t } from "../i18n/console";
import { Dialog } from "../ui/dialog";
import { DialogActions } from "./dialog-actions";
import { go, ticketPath } from "./router";
import { api, explain } from "./session";

const FIELDS = ["campaign_id", "topic_id", "subject", "note"] as const;

export function NewTicketDialog({ onClose }: { onClose: () => void }) {
  const campaigns = useSignal<Campaign[]>([]);
  const values = useSignal({ campaign_id: "", topic_id: "", subject: "", citizen_name: "", note: "" });
  const missing = useSignal<string[]>([]);
  const failure = useSignal("");
  const form = useRef<HTMLFormElement>(null);
  // One key for this form: pressing twice, or again after a lost answer, makes one ticket.
  const key = useMemo(() => crypto.randomUUID(), [values.value]);

  useEffect(() => {
    api
      .get<{ items: Campaign[] }>("/api/v1/me/campaigns")
      .then(({ items }) => {
        campaigns.value = items;
        if (items.length === 1) values.value = { ...values.value, campaign_id: items[0]!.id };
      })
      .catch((error: unknown) => (failure.value = explain(error)));
  }, []);

  const campaign = campaigns.value.find((one) => one.id === values.value.campaign_id);
  const change = (part: Partial<typeof values.value>) => (values.value = { ...values.value, ...part });
  const error = (name: string) => missing.value.includes(name) && t("field_missing");
  const about = (name: string) => ({
    "aria-invalid": missing.value.includes(name),
    "aria-describedby": `${name}-error`,
    name,
    id: `new-${name}`,
  });

  async function submit(event: Event) {
    event.preventDefault();
    missing.value = FIELDS.filter((name) => !values.value[name].trim());
    failure.value = "";
    if (missing.value[0]) return form.current?.querySelector<HTMLElement>(`[name="${missing.value[0]}"]`)?.focus();
    const { citizen_name, ...rest } = values.value;
    const body = { ...rest, ...(citizen_name.trim() && { citizen_name: citizen_name.trim() }) };
    try {
      const made = await api.send<Ticket>("POST", "/api/v1/tickets", { body, key });
      onClose();
      go(ticketPath(made.id));
    } catch (refused) {
      failure.value = explain(refused);
    }
  }

  return (
    <Dialog title={t("new_ticket")} onClose={onClose}>
      <form class="stack" ref={form} onSubmit={submit} noValidate>
        <p class={failure.value ? "alert" : ""} role="alert">
          {failure.value}
        </p>
        <div class="field">
          <label for="new-campaign_id">{t("campaign")}</label>
          <select
            {...about("campaign_id")}
            value={values.value.campaign_id}
            onChange={(event) => change({ campaign_id: event.currentTarget.value, topic_id: "" })}
          >
            <option value="">{t("choose")}</option>
            {campaigns.value.map((one) => (
              <option key={one.id} value={one.id}>
                {one.administration.name} · {one.name}
              </option>
            ))}
          </select>
          <p class="error" id="campaign_id-error">
            {error("campaign_id")}
          </p>
        </div>
        <div class="field">
          <label for="new-topic_id">{t("topic")}</label>
          <select
            {...about("topic_id")}
            disabled={!campaign}
            value={values.value.topic_id}
            onChange={(event) => change({ topic_id: event.currentTarget.value })}
          >
            <option value="">{t("choose")}</option>
            {campaign?.topics.map((topic) => (
              <option key={topic.id} value={topic.id}>
                {topic.name}
              </option>
            ))}
          </select>
          <p class="error" id="topic_id-error">
            {error("topic_id")}
          </p>
        </div>
        <div class="field">
          <label for="new-subject">{t("subject")}</label>
          <input
            {...about("subject")}
            maxLength={200}
            value={values.value.subject}
            onInput={(event) => change({ subject: event.currentTarget.value })}
          />
          <p class="error" id="subject-error">
            {error("subject")}
          </p>
        </div>
        <div class="field">
          <label for="new-citizen_name">
            {t("citizen_name")} <span class="muted optional">({t("optional")})</span>
          </label>
          <input
            id="new-citizen_name"
            maxLength={200}
            value={values.value.citizen_name}
            onInput={(event) => change({ citizen_name: event.currentTarget.value })}
          />
        </div>
        <div class="field">
          <label for="new-note">{t("first_note")}</label>
          <p class="hint">{t("first_note_hint")}</p>
          <textarea
            {...about("note")}
            maxLength={4000}
            value={values.value.note}
            onInput={(event) => change({ note: event.currentTarget.value })}
          />
          <p class="error" id="note-error">
            {error("note")}
          </p>
        </div>
        <DialogActions submit={t("create")} onCancel={onClose} />
      </form>
    </Dialog>
  );
}
