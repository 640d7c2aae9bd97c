// Changing what a ticket is; when somebody else did first, their changes are shown and one's own are kept.
import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { ApiError } from "../api/http";
import type { Campaign, Named, Ticket, TicketState } from "../api/types";
import { t, word } from "../i18n/console";
import { Dialog } from "../ui/dialog";
import { DialogActions } from "./dialog-actions";
import { api, explain } from "./session";
import type { TicketChange, TicketStore } from "./ticket-store";
import { tell } from "./toast";

/** What may follow each state by hand; the server holds the complete table. */
const STATES: readonly TicketState[] = ["open", "waiting_citizen", "waiting_third_party", "resolved", "closed"];
const PRIORITY_MAX = 20;

interface Values {
  subject: string;
  topic_id: string;
  state: TicketState;
  priority: number;
}

export function EditDialog({ store, onClose }: { store: TicketStore; onClose: () => void }) {
  const base = useSignal<Ticket>(store.ticket.value!);
  const values = useSignal<Values>(valuesOf(base.value));
  const topics = useSignal<Named[]>(base.value.topic ? [base.value.topic] : []);
  const failure = useSignal("");
  const conflicts = useSignal<string[] | null>(null);
  const change = (part: Partial<Values>) => (values.value = { ...values.value, ...part });

  useEffect(() => {
    void api
      .get<{ items: Campaign[] }>("/api/v1/me/campaigns")
      .then(({ items }) => {
        topics.value = items.find((one) => one.id === base.value.campaign.id)?.topics ?? topics.value;
      })
      .catch(() => undefined);
  }, []);

  async function submit(event: Event) {
    event.preventDefault();
    failure.value = "";
    const changed = difference(valuesOf(base.value), values.value);
    if (!Object.keys(changed).length) return onClose();
    try {
      await store.edit(base.value.version, changed);
      tell(t("saved"));
      onClose();
    } catch (error) {
      if (error instanceof ApiError && error.code === "conflict") await showConflict();
      else failure.value = explain(error);
    }
  }

  /** Start again from what stands now, with the typed values over what one had changed oneself. */
  async function showConflict() {
    try {
      const mine = difference(valuesOf(base.value), values.value);
      const now = await store.reread();
      conflicts.value = described(base.value, now);
      base.value = now;
      values.value = { ...valuesOf(now), ...mine };
    } catch (error) {
      failure.value = explain(error);
    }
  }

  return (
    <Dialog title={t("edit_ticket")} onClose={onClose}>
      <form class="stack" onSubmit={submit}>
        <p class={failure.value ? "alert" : ""} role="alert">
          {failure.value}
        </p>
        {conflicts.value && (
          <div class="conflict" role="alert">
            <h3>{t("conflict_title")}</h3>
            <p>{t("conflict_body")}</p>
            {conflicts.value.length ? (
              <ul>
                {conflicts.value.map((line) => (
                  <li key={line}>{line}</li>
                ))}
              </ul>
            ) : (
              <p>{t("conflict_same")}</p>
            )}
          </div>
        )}
        <div class="field">
          <label for="edit-subject">{t("subject")}</label>
          <input
            id="edit-subject"
            required
            maxLength={200}
            value={values.value.subject}
            onInput={(event) => change({ subject: event.currentTarget.value })}
          />
        </div>
        <div class="field">
          <label for="edit-topic">{t("topic")}</label>
          <select
            id="edit-topic"
            value={values.value.topic_id}
            onChange={(event) => change({ topic_id: event.currentTarget.value })}
          >
            {topics.value.map((topic) => (
              <option key={topic.id} value={topic.id}>
                {topic.name}
              </option>
            ))}
          </select>
        </div>
        <div class="field">
          <label for="edit-state">{t("state")}</label>
          <select
            id="edit-state"
            value={values.value.state}
            onChange={(event) => change({ state: event.currentTarget.value as TicketState })}
          >
            {[...new Set([base.value.state, ...STATES])].map((state) => (
              <option key={state} value={state}>
                {word("ticket", state)}
              </option>
            ))}
          </select>
        </div>
        <div class="field">
          <label for="edit-priority">{t("priority")}</label>
          <input
            id="edit-priority"
            type="number"
            min={0}
            max={PRIORITY_MAX}
            aria-describedby="edit-priority-hint"
            value={values.value.priority}
            onInput={(event) => change({ priority: Math.trunc(event.currentTarget.valueAsNumber) || 0 })}
          />
          <p class="hint" id="edit-priority-hint">
            {t("priority_hint")}
          </p>
        </div>
        <DialogActions submit={t("save")} onCancel={onClose} />
      </form>
    </Dialog>
  );
}

function valuesOf({ subject, topic, state, priority }: Ticket): Values {
  return { subject, topic_id: topic?.id ?? "", state, priority };
}

function difference(before: Values, after: Values): TicketChange {
  return Object.fromEntries(Object.entries(after).filter(([name, value]) => before[name as keyof Values] !== value));
}

/** What others changed, in words, field by field. */
function described(before: Ticket, after: Ticket): string[] {
  const rows: [string, string, string][] = [
    [t("subject"), before.subject, after.subject],
    [t("topic"), before.topic?.name ?? "", after.topic?.name ?? ""],
    [t("state"), word("ticket", before.state), word("ticket", after.state)],
    [t("priority"), String(before.priority), String(after.priority)],
  ];
  return rows
    .filter(([, was, is]) => was !== is)
    .map(([field, was, is]) => t("conflict_field", { field, before: was, after: is }));
}
