// The wallboard's phone lines: what the policy in force does to each, and the supervisor's hand on it.
import { useSignal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import type { Id, ValveOverride, ValveRow } from "../api/types";
import { ApiError } from "../api/http";
import { t, word } from "../i18n/console";
import { brief, count, duration } from "../i18n/format";
import { secondsUntil } from "../live/clock";
import { announce } from "../ui/announcer";
import { Confirm } from "../ui/dialog";
import { Icon } from "../ui/icons";
import { api } from "./session";
import { tell, tellFailure } from "./toast";
import { ValveDialog } from "./valve-dialog";

interface ValvesProps {
  valves: ValveRow[];
  refetch: () => Promise<void>;
}

/** The order in force; none once its time is over, for nothing is sent at that moment. */
export function standingOf({ override }: ValveRow): ValveOverride | null {
  return override && secondsUntil(override.until_at) > 0 ? override : null;
}

export function told({ state, by, until_at, reason }: ValveOverride): string {
  return t("valve_standing", { state: word("valve_state", state), name: by.name, time: brief(until_at), reason });
}

/** In a word: the order in force, else the mode. */
function stateOf(valve: ValveRow): string {
  const standing = standingOf(valve);
  if (standing) return word("valve_state", standing.state);
  return valve.told ? modeOf(valve.told.mode) : t("valve_untold");
}

function modeOf(mode: string): string {
  return mode === "open" ? t("valve_mode_open") : word("policy_mode", mode);
}

export function Valves({ valves, refetch }: ValvesProps) {
  const ordered = useSignal<{ campaignId: Id; state: ValveOverride["state"] } | null>(null);
  const lifted = useSignal<{ valve: ValveRow; override: ValveOverride } | null>(null);
  useChangesSaid(valves);
  if (!valves.length) return null;

  async function lift(valve: ValveRow, override: ValveOverride) {
    lifted.value = null;
    try {
      await api.send("DELETE", `/api/v1/campaigns/${valve.campaign.id}/valve/override?override_id=${override.id}`);
      tell(t("valve_lifted", { campaign: valve.campaign.name }));
    } catch (error) {
      if (error instanceof ApiError && error.status === 404) tellFailure(error, t("valve_gone"));
      else tellFailure(error);
    }
    await refetch().catch(tellFailure);
  }

  const asked = ordered.value;
  const about = asked && valves.find(({ campaign }) => campaign.id === asked.campaignId);
  const ending = lifted.value;
  return (
    <section>
      <h2 id="valves-title">{t("valves")}</h2>
      <p class="muted small" id="valves-lead">
        {t("valves_lead")}
      </p>
      <div class="table-box" tabIndex={0} role="region" aria-labelledby="valves-title" aria-describedby="valves-lead">
        <table>
          <Head />
          <tbody>
            {valves.map((valve) => (
              <Line
                key={valve.campaign.id}
                valve={valve}
                onOrder={(state) => (ordered.value = { campaignId: valve.campaign.id, state })}
                onLift={(override) => (lifted.value = { valve, override })}
              />
            ))}
          </tbody>
        </table>
      </div>
      {asked && about && (
        <ValveDialog valve={about} state={asked.state} refetch={refetch} onClose={() => (ordered.value = null)} />
      )}
      {ending && (
        <Confirm
          title={t("valve_lift_title")}
          body={t("valve_lift_body", { standing: told(ending.override) })}
          confirm={t("valve_lift_confirm")}
          cancel={t("cancel")}
          onConfirm={() => void lift(ending.valve, ending.override)}
          onCancel={() => (lifted.value = null)}
        />
      )}
    </section>
  );
}

/** Whoever does not see the table hears when a line changes its mode, or somebody orders something. */
function useChangesSaid(valves: ValveRow[]) {
  const before = useRef(new Map<Id, string>());
  const now = valves.map((valve) => [valve.campaign, stateOf(valve)] as const);
  useEffect(() => {
    const changed = now.filter(([{ id }, state]) => before.current.has(id) && before.current.get(id) !== state);
    const sentences = changed.map(([{ name }, state]) => t("valve_changed", { campaign: name, state }));
    if (sentences.length) announce(sentences.join(" "));
    before.current = new Map(now.map(([{ id }, state]) => [id, state]));
  }, [JSON.stringify(now)]);
}

const FIGURES = ["valve_wait", "valve_rate", "valve_capacity", "valve_asked", "valve_admitted", "valve_refused"] as const;

function Head() {
  return (
    <thead>
      <tr>
        <th scope="col">{t("valve_line")}</th>
        <th scope="col">{t("valve_mode")}</th>
        {FIGURES.map((name) => (
          <th key={name} scope="col" class="number">
            {t(name)}
          </th>
        ))}
        <th scope="col">
          <span class="unseen">{t("agent_actions")}</span>
        </th>
      </tr>
    </thead>
  );
}

interface LineProps {
  valve: ValveRow;
  onOrder: (state: ValveOverride["state"]) => void;
  onLift: (override: ValveOverride) => void;
}

function Line({ valve, onOrder, onLift }: LineProps) {
  const { campaign, administration, told: now } = valve;
  const standing = standingOf(valve);
  const figures = now && [
    duration(now.expected_wait_seconds),
    count(now.rate_per_hour),
    count(now.capacity_per_hour),
    count(now.asked),
    count(now.admitted),
    count(now.refused),
  ];
  return (
    <tr class="valve">
      <th scope="row" data-label={t("valve_line")}>
        <span class="with-hue">
          <span class="hue" data-hue={administration.hue} />
          <span>
            {campaign.name}
            <span class="muted small">{administration.name}</span>
          </span>
        </span>
      </th>
      <td class="valve-mode">
        {standing && (
          <span class={standing.state === "closed" ? "warning grave" : "warning"}>
            <Icon name="warning" size={16} /> <span>{told(standing)}</span>
          </span>
        )}
        {now ? <Mode mode={now.mode} isOverruled={standing !== null} /> : <span class="muted">{t("valve_untold")}</span>}
      </td>
      {FIGURES.map((name, place) => (
        <td key={name} class="number" data-label={t(name)}>
          {figures?.[place] ?? "–"}
        </td>
      ))}
      <td class="end valve-orders">
        <span>
          <Orders name={campaign.name} standing={standing} onOrder={onOrder} onLift={onLift} />
        </span>
      </td>
    </tr>
  );
}

function Mode({ mode, isOverruled }: { mode: string; isOverruled: boolean }) {
  if (isOverruled) return <span class="muted small">{t("valve_without", { mode: modeOf(mode) })}</span>;
  return (
    <span>
      <strong>{modeOf(mode)}</strong>
      <span class="muted small">
        {mode === "open" ? t("valve_mode_open_lead") : word("policy_mode", `${mode}_lead`)}
      </span>
    </span>
  );
}

interface OrdersProps extends Omit<LineProps, "valve"> {
  name: string;
  standing: ValveOverride | null;
}

function Orders({ name: campaign, standing, onOrder, onLift }: OrdersProps) {
  return (
    <>
      {standing && (
        <button
          type="button"
          class="button"
          aria-label={t("valve_lift_of", { campaign })}
          onClick={() => onLift(standing)}
        >
          {t("valve_lift")}
        </button>
      )}
      {standing?.state !== "open" && (
        <button
          type="button"
          class="button"
          aria-label={t("valve_open_of", { campaign })}
          onClick={() => onOrder("open")}
        >
          {t("valve_open")}
        </button>
      )}
      {standing?.state !== "closed" && (
        <button
          type="button"
          class="button"
          aria-label={t("valve_close_of", { campaign })}
          onClick={() => onOrder("closed")}
        >
          {t("valve_close")}
        </button>
      )}
    </>
  );
}
