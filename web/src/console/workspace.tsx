// The agent's and the supervisor's workspace: work and lists on the left, the ticket, its details on the right.
import { useSignal } from "@preact/signals";
import { useEffect, useMemo } from "preact/hooks";
import { t } from "../i18n/console";
import { Icon, type IconName } from "../ui/icons";
import { Conversations } from "./conversations";
import { Details } from "./details";
import { Offers } from "./offers";
import { PresencePanel } from "./presence";
import { pane, type Pane } from "./router";
import { account } from "./session";
import { followPhone } from "./softphone";
import { TicketLists } from "./ticket-lists";
import { TicketStore } from "./ticket-store";
import { TicketView } from "./ticket-view";
import { followWork, offers, unread } from "./work";

export function Workspace({ ticketId }: { ticketId: string | null }) {
  const isAgent = account().role === "agent";
  const hasDetails = useSignal(true);
  useEffect(() => (isAgent ? followWork() : undefined), [isAgent]);
  useEffect(() => (isAgent ? followPhone() : undefined), [isAgent]);
  const store = useMemo(() => (ticketId ? new TicketStore(ticketId) : null), [ticketId]);
  useEffect(() => {
    store?.open();
    return () => store?.close();
  }, [store]);
  const shown = !ticketId && (pane.value === "ticket" || pane.value === "details") ? "work" : pane.value;
  const first: Pane = isAgent ? shown : shown === "work" ? "tickets" : shown;
  return (
    <div class="workspace" data-pane={first} data-details={hasDetails.value && store ? "shown" : "hidden"}>
      <h1 class="unseen">{t(isAgent ? "nav_work" : "nav_tickets")}</h1>
      <div class="rail">
        {isAgent && (
          <div class="rail-work">
            <PresencePanel />
            <Offers />
            <Conversations openId={ticketId} />
          </div>
        )}
        <TicketLists openId={ticketId} />
      </div>
      {store ? (
        <TicketView
          key={store.id}
          store={store}
          hasDetails={hasDetails.value}
          onToggleDetails={() => {
            hasDetails.value = !hasDetails.value;
            pane.value = "details";
          }}
        />
      ) : (
        <section class="ticket-pane empty">
          <Icon name="chat" size={40} />
          <h2>{t("nothing_open")}</h2>
          <p class="muted">{t("nothing_open_hint")}</p>
        </section>
      )}
      {store && <Details key={`details-${store.id}`} store={store} />}
      <PaneTabs isAgent={isAgent} hasTicket={store !== null} current={first} />
    </div>
  );
}

const ICONS: Record<Pane, IconName> = { work: "inbox", tickets: "list", ticket: "chat", details: "person" };

function PaneTabs({ isAgent, hasTicket, current }: { isAgent: boolean; hasTicket: boolean; current: Pane }) {
  const names: Pane[] = [...(isAgent ? (["work"] as const) : []), "tickets", "ticket", "details"];
  const count = offers.value.length + unread.value;
  return (
    <nav class="panes" aria-label={t("panes")}>
      {names.map((name) => (
        <button
          type="button"
          key={name}
          aria-current={current === name ? "true" : undefined}
          disabled={!hasTicket && (name === "ticket" || name === "details")}
          onClick={() => (pane.value = name)}
        >
          <Icon name={ICONS[name]} size={20} />
          {t(`pane_${name}`)}
          {name === "work" && count > 0 && <span class="badge">{count}</span>}
        </button>
      ))}
    </nav>
  );
}
