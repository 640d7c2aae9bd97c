// The draft tried on a season before it is published: asked for, followed while it runs, read as a report.
import { useSignal } from "@preact/signals";
import type { PolicySimulation } from "../api/types";
import { t } from "../i18n/console";
import { count, duration, moment, percent } from "../i18n/format";
import type { PolicyStore } from "./policy-store";
import { tellTaken } from "./policy-publish";
import { api } from "./session";
import { useSimulation, type Simulated } from "./simulation-note";
import { SimulatedDays } from "./simulation-report";
import { tellFailure } from "./toast";

export function PolicySimulated({ store }: { store: PolicyStore }) {
  const simulation = useSimulation(store);
  const isAsking = useSignal(false);
  const one = simulation.value;
  const hasDraft = store.draft.value !== null || !!store.inForce.value!.draft;

  async function run() {
    isAsking.value = true;
    try {
      if (store.isUnsaved) await store.save();
      const { version } = store.inForce.value!.draft!;
      const told = await api.send<Simulated>("POST", `${store.path}/draft/simulate`, { body: { version } });
      simulation.value = told.simulation;
    } catch (error) {
      if (store.isDraftTaken(error)) tellTaken(store, error);
      else tellFailure(error);
    }
    isAsking.value = false;
  }

  return (
    <section class="simulation" aria-labelledby="policy-simulation">
      <h2 id="policy-simulation">{t("simulation")}</h2>
      <p class="muted">{t("simulation_lead")}</p>
      {hasDraft ? (
        <p>
          <button type="button" class="button" disabled={isAsking.value} onClick={() => void run()}>
            {t(one ? "simulation_again" : "simulation_run")}
          </button>
        </p>
      ) : (
        <p>{t("simulation_no_draft")}</p>
      )}
      <p role="status">{one && progress(one)}</p>
      {one && one.ended_at === null && <progress max={one.steps} value={one.done} aria-labelledby="policy-simulation" />}
      {one && (one.is_stale || store.isUnsaved) && <p class="alert">{t("simulation_stale")}</p>}
      {one?.report && <Report one={one} store={store} />}
    </section>
  );
}

function progress(one: PolicySimulation): string {
  if (one.has_failed) return t("simulation_failed");
  if (one.ended_at !== null) return t("simulation_done");
  return t("simulation_progress", { done: one.done, steps: one.steps });
}

function Report({ one, store }: { one: PolicySimulation; store: PolicyStore }) {
  const { number, asked_at, asked_by, standing, settings, report } = one;
  const calls = count(Math.round(settings.calls_per_day));
  const time = duration(settings.handling_seconds);
  const lines = [
    t("simulation_by", { number, date: moment(asked_at), name: asked_by.name || "–" }),
    standing ? t("simulation_against", { number: standing }) : t("simulation_against_none"),
    settings.calls_from === "recorded"
      ? t("simulation_calls_recorded", { n: settings.recorded_days, calls })
      : t("simulation_calls_default", { calls }),
    t(settings.handling_from === "recorded" ? "simulation_handling_recorded" : "simulation_handling_default", { time }),
    t("simulation_agents", { n: settings.agents }),
    ...(settings.scale < 1 ? [t("simulation_scale", { share: percent(settings.scale) })] : []),
    t("simulation_seed", { seed: settings.seed }),
  ];
  const before = t(standing ? "simulation_before" : "simulation_before_none");
  return (
    <>
      <ul class="bullets">
        {lines.map((line) => (
          <li key={line}>{line}</li>
        ))}
      </ul>
      <SimulatedDays
        days={report!.days}
        names={[before, t("simulation_after")]}
        topics={store.inForce.value!.topics}
      />
    </>
  );
}
