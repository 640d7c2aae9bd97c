// Lists of tickets: mine, my queues, or what a search finds.
import { useSignal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { ApiError, query } from "../api/http";
import type { Page, TicketRow, TicketState } from "../api/types";
import { t, word } from "../i18n/console";
import { brief } from "../i18n/format";
import { coalesce } from "../live/refetch";
import { Icon } from "../ui/icons";
import { SEARCH_ID } from "./keyboard";
import { Link, ticketPath } from "./router";
import { account, api, live } from "./session";
import { tellFailure } from "./toast";

const SEARCH_AFTER_MS = 250;
const PAGE = 50;
const FILTERS: readonly TicketState[] = ["new", "open", "waiting_citizen", "waiting_third_party", "resolved", "closed"];

type Scope = "mine" | "queues";

interface Wanted {
  scope: Scope;
  state: string;
  q: string;
}

export function TicketLists({ openId }: { openId: string | null }) {
  const isAgent = account().role === "agent";
  const wanted = useSignal<Wanted>({ scope: isAgent ? "mine" : "queues", state: "", q: "" });
  const typed = useSignal("");
  const { rows, more, loadMore } = useRows(wanted.value);

  useEffect(() => {
    const timer = setTimeout(() => (wanted.value = { ...wanted.peek(), q: typed.value.trim() }), SEARCH_AFTER_MS);
    return () => clearTimeout(timer);
  }, [typed.value]);

  const { scope, state, q } = wanted.value;
  return (
    <section class="lists" aria-label={t("tickets")}>
      <div class="lists-head">
        <div class="search" role="search">
          <Icon name="search" size={16} />
          <label class="unseen" for={SEARCH_ID}>
            {t("search")}
          </label>
          <input
            id={SEARCH_ID}
            type="search"
            placeholder={t("search_hint")}
            value={typed.value}
            aria-keyshortcuts="/"
            onInput={(event) => (typed.value = event.currentTarget.value)}
          />
        </div>
        <div class="lists-filters">
          {isAgent && !q && (
            <div class="segments" role="group" aria-label={t("tickets")}>
              {(["mine", "queues"] as const).map((name) => (
                <button
                  type="button"
                  key={name}
                  aria-pressed={scope === name}
                  onClick={() => (wanted.value = { ...wanted.value, scope: name })}
                >
                  {t(`tab_${name}`)}
                </button>
              ))}
            </div>
          )}
          {q && <h2 class="results">{t("search_results")}</h2>}
          {!q && (
            <>
              <label class="unseen" for="state-filter">
                {t("filter_state")}
              </label>
              <select
                id="state-filter"
                value={state}
                onChange={(event) => (wanted.value = { ...wanted.value, state: event.currentTarget.value })}
              >
                <option value="">{t("all_states")}</option>
                {FILTERS.map((one) => (
                  <option key={one} value={one}>
                    {word("ticket", one)}
                  </option>
                ))}
              </select>
            </>
          )}
        </div>
      </div>
      <div class="lists-body" aria-busy={rows === null}>
        {rows?.length === 0 && <p class="muted small none">{t(q ? "no_results" : "no_tickets")}</p>}
        <ul>
          {rows?.map((row) => (
            <Row key={row.id} row={row} isOpen={row.id === openId} />
          ))}
        </ul>
        {more && (
          <button type="button" class="button quiet" onClick={loadMore}>
            {t("more")}
          </button>
        )}
      </div>
    </section>
  );
}

/** The rows of a list, kept current while on screen: hints read its first page again, further pages stay as read. */
function useRows({ scope, state, q }: Wanted) {
  const rows = useSignal<TicketRow[] | null>(null);
  const cursor = useSignal<string | null>(null);
  const isDeep = useRef(false);
  const path = (from: string | null) =>
    `/api/v1/tickets${query({ scope: q ? "queues" : scope, state, q, cursor: from, limit: PAGE })}`;

  useEffect(() => {
    let isCurrent = true;
    rows.value = null;
    isDeep.current = false;
    const refetch = coalesce(async () => {
      const page = await api.get<Page<TicketRow>>(path(null));
      if (!isCurrent) return;
      const end = page.items.at(-1)?.updated_at ?? "";
      const older = isDeep.current ? (rows.value ?? []).filter((row) => row.updated_at < end) : [];
      rows.value = [...page.items, ...older];
      if (!isDeep.current) cursor.value = page.next_cursor;
    });
    refetch().catch((error: unknown) => {
      if (!(error instanceof ApiError && error.status === 401)) tellFailure(error);
    });
    const unwatch = live.watch({ room: "person", refetch });
    return () => {
      isCurrent = false;
      unwatch();
    };
  }, [scope, state, q]);

  async function loadMore() {
    try {
      const page = await api.get<Page<TicketRow>>(path(cursor.value));
      isDeep.current = true;
      rows.value = [...(rows.value ?? []), ...page.items];
      cursor.value = page.next_cursor;
    } catch (error) {
      tellFailure(error);
    }
  }

  return { rows: rows.value, more: cursor.value !== null, loadMore: () => void loadMore() };
}

function Row({ row, isOpen }: { row: TicketRow; isOpen: boolean }) {
  return (
    <li>
      <Link to={ticketPath(row.id)} class="row-link" isCurrent={isOpen}>
        <span class="hue" data-hue={row.administration.hue} title={row.administration.name} />
        <span class="row-main">
          <span class="row-top">
            <span class="truncate who">{row.subject || row.topic?.name}</span>
            <span class="when muted tabular">{brief(row.updated_at)}</span>
          </span>
          <span class="row-line truncate muted">
            {row.citizen_name ?? t("anonymous")}
            {row.excerpt && ` · ${row.excerpt}`}
          </span>
          <span class="row-line row-facts">
            <Icon name={row.channel ?? "note"} size={14} />
            {row.channel && <span class="unseen">{word("channel", row.channel)}</span>}
            <span class={`chip state-${row.state}`}>{word("ticket", row.state)}</span>
            {row.waiting && <span class="chip waiting">{t("waits")}</span>}
            {row.priority > 0 && <span class="chip">{t("priority_n", { n: row.priority })}</span>}
            {row.owner && row.owner.id !== account().id && <span class="truncate muted">{row.owner.name}</span>}
          </span>
        </span>
      </Link>
    </li>
  );
}
