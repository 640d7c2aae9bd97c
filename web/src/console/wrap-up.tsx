// After a conversation: why it was, what the ticket becomes, and how long there is to say so.
import { useSignal, useSignalEffect } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { query } from "../api/http";
import type { Assignment, TicketState, WrapUpCode } from "../api/types";
import { t, word } from "../i18n/console";
import { duration, timer } from "../i18n/format";
import { secondsUntil } from "../live/clock";
import { announce, announceUrgently } from "../ui/announcer";
import { readStored, store } from "../ui/stored";
import { api, explain } from "./session";
import { tell } from "./toast";
import { refetchWork } from "./work";

const STATES: readonly TicketState[] = ["resolved", "waiting_citizen", "waiting_third_party", "open"];
const SOON_SECONDS = 20;

interface Ending {
  wrap_up_code: string;
  ticket_state: TicketState;
  note: string;
}

export function WrapUp({ assignment }: { assignment: Assignment }) {
  const kept = `guichet.draft.${assignment.id}.wrap`;
  const codes = useSignal<WrapUpCode[]>([]);
  const ending = useSignal<Ending>(
    readStored<Ending>(sessionStorage, kept) ?? { wrap_up_code: "", ticket_state: "resolved", note: "" },
  );
  const failure = useSignal("");
  const panel = useRef<HTMLElement>(null);

  useEffect(() => {
    const time = assignment.wrap_until ? duration(secondsUntil(assignment.wrap_until)) : "";
    announce(t("wrap_announced", { time }));
    panel.current?.querySelector("select")?.focus();
    api
      .get<{ items: WrapUpCode[] }>(`/api/v1/wrap-up-codes${query({ campaign_id: assignment.campaign.id })}`)
      .then(({ items }) => (codes.value = items))
      .catch((error: unknown) => (failure.value = explain(error)));
  }, [assignment.id]);

  function change(part: Partial<Ending>) {
    ending.value = { ...ending.value, ...part };
    store(sessionStorage, kept, ending.value);
  }

  async function finish(event: Event) {
    event.preventDefault();
    const { note, ...rest } = ending.value;
    failure.value = rest.wrap_up_code ? "" : t("wrap_code_missing");
    if (failure.value) return panel.current?.querySelector("select")?.focus();
    try {
      const body = { ...rest, ...(note.trim() && { note: note.trim() }) };
      await api.send("POST", `/api/v1/assignments/${assignment.id}/finish`, { body });
      store(sessionStorage, kept, null);
      tell(t("finished"));
      await refetchWork();
    } catch (error) {
      failure.value = explain(error);
    }
  }

  async function extend() {
    try {
      await api.send("POST", `/api/v1/assignments/${assignment.id}/extend`);
      await refetchWork();
      announce(t("wrap_extended"));
    } catch (error) {
      failure.value = explain(error);
    }
  }

  return (
    <section class="wrap-up" ref={panel} aria-labelledby="wrap-title">
      <header>
        <h2 id="wrap-title">{t("wrap_title")}</h2>
        <TimeLeft until={assignment.wrap_until} />
        <button type="button" class="button" onClick={() => void extend()}>
          {t("wrap_extend")}
        </button>
      </header>
      <form onSubmit={finish} noValidate>
        <p class={failure.value ? "alert" : ""} role="alert">
          {failure.value}
        </p>
        <div class="field">
          <label for="wrap-code">{t("wrap_code")}</label>
          <select
            id="wrap-code"
            required
            value={ending.value.wrap_up_code}
            onChange={(event) => change({ wrap_up_code: event.currentTarget.value })}
          >
            <option value="">{t("choose")}</option>
            {codes.value.map(({ code, name }) => (
              <option key={code} value={code}>
                {name}
              </option>
            ))}
          </select>
        </div>
        <div class="field">
          <label for="wrap-state">{t("wrap_state")}</label>
          <select
            id="wrap-state"
            value={ending.value.ticket_state}
            onChange={(event) => change({ ticket_state: event.currentTarget.value as TicketState })}
          >
            {STATES.map((state) => (
              <option key={state} value={state}>
                {word("ticket", state)}
              </option>
            ))}
          </select>
        </div>
        <div class="field wide">
          <label for="wrap-note">
            {t("wrap_note")} <span class="muted optional">({t("optional")})</span>
          </label>
          <textarea
            id="wrap-note"
            rows={1}
            maxLength={4000}
            value={ending.value.note}
            onInput={(event) => change({ note: event.currentTarget.value })}
          />
        </div>
        <button type="submit" class="button primary">
          {t("wrap_finish")}
        </button>
      </form>
    </section>
  );
}

function TimeLeft({ until }: { until: string | null }) {
  const wasTold = useSignal(false);
  useSignalEffect(() => {
    if (!until || wasTold.peek()) return;
    const left = secondsUntil(until);
    if (left > SOON_SECONDS || left === 0) return;
    wasTold.value = true;
    announceUrgently(t("wrap_soon", { time: duration(left) }));
  });
  if (!until) return null;
  const left = secondsUntil(until);
  return (
    <p class="tabular wrap-time" role="timer" aria-label={t("wrap_time")}>
      {left ? timer(left) : t("wrap_over")}
    </p>
  );
}
