// How the simulation of a kept draft stands, and what is said of it before the draft is published.
import { signal, type Signal } from "@preact/signals";
import { useEffect, useMemo } from "preact/hooks";
import type { PolicySimulation } from "../api/types";
import { t } from "../i18n/console";
import { moment } from "../i18n/format";
import type { PolicyStore } from "./policy-store";
import { api } from "./session";

const LOOK_MS = 1000;

export interface Simulated {
  simulation: PolicySimulation | null;
}

/** The kept draft's simulation as it stands; asked again while it runs. Null while nobody asked for one. */
export function useSimulation(store: PolicyStore): Signal<PolicySimulation | null> {
  const found = useMemo(() => signal<PolicySimulation | null>(null), [store]);
  const draft = store.inForce.value?.draft;
  const number = draft?.number;
  const running = found.value !== null && found.value.ended_at === null;
  useEffect(() => {
    let isGone = false;
    let timer: ReturnType<typeof setTimeout> | undefined;
    function look() {
      api
        .get<Simulated>(`${store.path}/versions/${number}/simulation`)
        .then(({ simulation }) => {
          if (isGone) return;
          found.value = simulation;
          if (simulation && simulation.ended_at === null) timer = setTimeout(look, LOOK_MS);
        })
        // A look that failed says nothing of the simulation: it is looked at again.
        .catch(() => isGone || (timer = setTimeout(look, 5 * LOOK_MS)));
    }
    if (number === undefined) found.value = null;
    else look();
    return () => {
      isGone = true;
      clearTimeout(timer);
    };
  }, [store, number, draft?.version, running]);
  return found;
}

/** Before it is published: whether the draft was tried. Nobody is held up by it. */
export function SimulationNote({ store }: { store: PolicyStore }) {
  const one = useSimulation(store).value;
  const isTried = one && one.ended_at !== null && !one.has_failed;
  if (!one || one.has_failed) return <p>{t("simulation_none")}</p>;
  if (one.is_stale || store.isUnsaved) return <p>{t("simulation_publish_stale")}</p>;
  return <p>{isTried ? t("simulation_publish_done", { date: moment(one.asked_at) }) : t("simulation_publish_running")}</p>;
}
