// The open ticket: for whom one speaks, what it is about, its messages, and the place to answer.
import { useSignal } from "@preact/signals";
import type { Ticket } from "../api/types";
import { t, word } from "../i18n/console";
import { announce } from "../ui/announcer";
import { Icon } from "../ui/icons";
import { explain, api } from "./session";
import { TicketComposer } from "./ticket-composer";
import { EditDialog } from "./ticket-edit";
import type { TicketStore } from "./ticket-store";
import { Timeline } from "./timeline";
import { tell, tellFailure } from "./toast";
import { TransferButton } from "./transfer";
import { mineOn, refetchWork } from "./work";
import { WrapUp } from "./wrap-up";

export interface TicketViewProps {
  store: TicketStore;
  hasDetails: boolean;
  onToggleDetails: () => void;
}

export function TicketView({ store, hasDetails, onToggleDetails }: TicketViewProps) {
  const ticket = store.ticket.value;
  const mine = mineOn(store.id);
  if (!ticket) return <Missing store={store} />;
  const isWrapping = mine?.state === "wrapping";
  return (
    <section class="ticket-pane" aria-labelledby="ticket-title">
      <TicketHeader store={store} ticket={ticket} hasDetails={hasDetails} onToggleDetails={onToggleDetails} />
      <Timeline store={store} citizenName={ticket.citizen_name} />
      {mine && isWrapping && <WrapUp key={mine.id} assignment={mine} />}
      <TicketComposer store={store} ticket={ticket} takesFocus={!isWrapping} />
    </section>
  );
}

function Missing({ store }: { store: TicketStore }) {
  if (!store.failure.value) {
    return (
      <section class="ticket-pane empty">
        <p role="status" class="muted">
          <span class="spinner" /> {t("loading")}
        </p>
      </section>
    );
  }
  return (
    <section class="ticket-pane empty" role="alert">
      <h2>{t("ticket_failed")}</h2>
      <p class="muted">{explain(store.failure.value)}</p>
      <button type="button" class="button" onClick={() => store.retry()}>
        {t("try_again")}
      </button>
    </section>
  );
}

function TicketHeader({ store, ticket, hasDetails, onToggleDetails }: TicketViewProps & { ticket: Ticket }) {
  const isEditing = useSignal(false);
  const { administration, number, subject, topic, state, priority, citizen_name, can } = ticket;
  return (
    <header class="ticket-header">
      <p class="band" data-hue={administration.hue}>
        <span>
          <span class="band-label">{t(can.reply ? "speaking_for" : "read_for")}</span>{" "}
          <strong class="band-name">{administration.name}</strong>
        </span>
        <span class="truncate">{ticket.campaign.name}</span>
      </p>
      <div class="ticket-head">
        <div class="ticket-title">
          <h2 id="ticket-title" class="truncate" title={subject}>
            {subject || topic?.name}
          </h2>
          <p class="facts">
            <button
              type="button"
              class="copy tabular"
              aria-label={t("copy_number", { number })}
              title={t("copy_number", { number })}
              onClick={() => void copyNumber(number)}
            >
              {number} <Icon name="copy" size={14} />
            </button>
            <span class={`chip state-${state}`}>{word("ticket", state)}</span>
            {priority > 0 && <span class="chip">{t("priority_n", { n: priority })}</span>}
            {topic && <span class="aside">{topic.name}</span>}
            <span class="aside">{citizen_name ?? t("anonymous")}</span>
          </p>
        </div>
        <div class="ticket-actions">
          <TransferButton ticketId={store.id} />
          <EndButton store={store} />
          {can.edit && (
            <button type="button" class="button" onClick={() => (isEditing.value = true)}>
              {t("edit")}
            </button>
          )}
          <button type="button" class="button details-toggle" aria-pressed={hasDetails} onClick={onToggleDetails}>
            {t("details")}
          </button>
        </div>
      </div>
      {isEditing.value && <EditDialog store={store} onClose={() => (isEditing.value = false)} />}
    </header>
  );
}

function EndButton({ store }: { store: TicketStore }) {
  const mine = mineOn(store.id);
  if (!mine || mine.state === "wrapping") return null;
  async function end() {
    try {
      await api.send("POST", `/api/v1/assignments/${mine!.id}/wrap`);
      await refetchWork();
      announce(t("wrap_title"));
    } catch (error) {
      tellFailure(error);
    }
  }
  return (
    <button type="button" class="button" title={t("end_hint")} onClick={() => void end()}>
      {t("end")}
    </button>
  );
}

async function copyNumber(number: string): Promise<void> {
  await navigator.clipboard.writeText(number);
  tell(t("number_copied"));
}
