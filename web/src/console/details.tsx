// Around the ticket: the citizen, their exchanges and other tickets, the history, and why it came to whom.
import { useSignal } from "@preact/signals";
import type { ComponentChildren } from "preact";
import { useEffect } from "preact/hooks";
import type { ContactPoint, HistoryEntry, Page, Ticket } from "../api/types";
import { t, word } from "../i18n/console";
import { brief, moment, phoneNumber } from "../i18n/format";
import { Icon } from "../ui/icons";
import { Link, ticketPath } from "./router";
import { RoutingExplained } from "./routing";
import { account, api } from "./session";
import { calling, phone } from "./softphone";
import type { TicketStore } from "./ticket-store";
import { tellFailure } from "./toast";
import { refetchWork, work } from "./work";

export function Details({ store }: { store: TicketStore }) {
  const ticket = store.ticket.value;
  return (
    <aside class="details-pane" aria-label={t("details")}>
      {ticket && (
        <>
          <CitizenCard ticket={ticket} />
          <Fold title={t(account().role === "agent" ? "routing" : "routing_agentless")}>
            <RoutingExplained ticketId={ticket.id} />
          </Fold>
          <Exchanges ticket={ticket} />
          {ticket.other_tickets.length > 0 && <OtherTickets ticket={ticket} />}
          <Fold title={t("history")}>
            <History ticketId={ticket.id} />
          </Fold>
        </>
      )}
    </aside>
  );
}

/** A section that is asked for only when it is opened. */
function Fold({ title, children }: { title: string; children: ComponentChildren }) {
  const isOpen = useSignal(false);
  return (
    <details class="fold" onToggle={(event) => (isOpen.value = event.currentTarget.open)}>
      <summary>{title}</summary>
      {isOpen.value && children}
    </details>
  );
}

function CitizenCard({ ticket: { id, citizen } }: { ticket: Ticket }) {
  return (
    <section aria-labelledby="citizen-title">
      <h2 id="citizen-title">{t("about_citizen")}</h2>
      {citizen ? (
        <>
          <p class="citizen-name">{citizen.name ?? t("anonymous")}</p>
          <dl class="pairs">
            <dt>{t("identity")}</dt>
            <dd>{word("identity", String(citizen.identity_level))}</dd>
            <dt>{t("speaks")}</dt>
            <dd>{word("language", citizen.language)}</dd>
            {citizen.contact_points
              .filter((point) => point.kind !== "visitor")
              .map((point) => (
                <>
                  <dt>{word("point", point.kind)}</dt>
                  <dd class="breakable call-point">
                    {point.kind === "phone" ? phoneNumber(point.value) : point.value}{" "}
                    {point.kind === "phone" && !point.disabled && <CallButton ticketId={id} point={point} />}
                  </dd>
                </>
              ))}
          </dl>
        </>
      ) : (
        <p class="muted small">{t("no_citizen")}</p>
      )}
    </section>
  );
}

function CallButton({ ticketId, point }: { ticketId: string; point: ContactPoint }) {
  const room = work.value?.presence?.channels.voice;
  const isFree = !calling.value && room !== undefined && room.load < room.capacity;
  if (account().role !== "agent" || phone.value !== "ready" || !isFree) return null;
  async function call() {
    try {
      await api.send("POST", `/api/v1/tickets/${ticketId}/calls`, { body: { contact_point_id: point.id } });
      await refetchWork();
    } catch (error) {
      tellFailure(error);
    }
  }
  return (
    <button
      type="button"
      class="button"
      aria-label={t("phone_call_number", { number: phoneNumber(point.value) })}
      onClick={() => void call()}
    >
      <Icon name="voice" size={14} /> {t("phone_call")}
    </button>
  );
}

function Exchanges({ ticket }: { ticket: Ticket }) {
  return (
    <section aria-labelledby="exchanges-title">
      <h2 id="exchanges-title">{t("interactions")}</h2>
      <ul class="lines">
        {ticket.interactions.map((one) => (
          <li key={one.id}>
            <Icon name={one.channel} size={16} />
            <span>
              {word("channel", one.channel)} · {word("interaction", one.state)}
              <span class="muted small">
                {brief(one.started_at)}
                {one.endpoint && ` · ${phoneNumber(one.endpoint)}`}
              </span>
            </span>
          </li>
        ))}
      </ul>
    </section>
  );
}

function OtherTickets({ ticket }: { ticket: Ticket }) {
  return (
    <section aria-labelledby="others-title">
      <h2 id="others-title">{t("other_tickets")}</h2>
      <ul class="lines">
        {ticket.other_tickets.map((other) => (
          <li key={other.id}>
            <Link to={ticketPath(other.id)}>
              {other.subject || other.number}
              <span class="muted small">
                {word("ticket", other.state)} · {brief(other.updated_at)}
              </span>
            </Link>
          </li>
        ))}
      </ul>
    </section>
  );
}

function History({ ticketId }: { ticketId: string }) {
  const entries = useSignal<HistoryEntry[] | null>(null);
  const cursor = useSignal<string | null>(null);

  async function load() {
    try {
      const from = cursor.value ? `?cursor=${encodeURIComponent(cursor.value)}` : "";
      const page = await api.get<Page<HistoryEntry>>(`/api/v1/tickets/${ticketId}/history${from}`);
      entries.value = [...(entries.value ?? []), ...page.items];
      cursor.value = page.next_cursor ?? null;
    } catch (error) {
      tellFailure(error);
    }
  }
  useEffect(() => void load(), []);

  if (!entries.value) return <p class="muted small">{t("loading")}</p>;
  return (
    <>
      <ol class="lines">
        {entries.value.map((entry) => (
          <li key={`${entry.at}-${entry.version}`}>
            <span>
              {happened(entry)}
              <span class="muted small">
                {moment(entry.at)} · {t("by", { name: entry.actor?.name ?? word("actor", entry.actor_kind) })}
              </span>
            </span>
          </li>
        ))}
      </ol>
      {cursor.value && (
        <button type="button" class="button quiet" onClick={() => void load()}>
          {t("more")}
        </button>
      )}
    </>
  );
}

const FIELDS = ["state", "priority", "topic_id", "subject", "owner_id", "citizen_id", "closed_at"];

function happened({ version, changed }: HistoryEntry): string {
  if (version === 1) return t("history_created");
  const fields = changed.filter((name) => FIELDS.includes(name)).map((name) => word("field", name));
  return fields.length ? t("history_changed", { fields: fields.join(", ") }) : t("history_touched");
}
