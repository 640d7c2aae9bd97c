// The published versions of what is edited as a draft, newest first; any of them can be taken up again.
import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import type { PlanVersion, PolicyVersion } from "../api/types";
import { t, word } from "../i18n/console";
import { moment } from "../i18n/format";
import type { DraftStore, Published } from "./draft-store";
import { api, explain } from "./session";
import { tellTakenUp, useTakeUp } from "./take-up";
import { tellFailure } from "./toast";

/** A policy's versions begin when they are told to, and may take two. */
type Version = PlanVersion & Partial<Pick<PolicyVersion, "state" | "effective_at" | "approver">>;

export function Versions<D extends object, P extends Published<D>>({ store }: { store: DraftStore<D, P> }) {
  const versions = useSignal<Version[]>([]);
  const failure = useSignal("");
  const [takeUp, question] = useTakeUp(store);
  const inForce = store.inForce.value;
  useEffect(() => {
    api
      .get<{ items: Version[] }>(`${store.path}/versions`)
      .then(({ items }) => (versions.value = items.filter((one) => one.published_at)))
      .catch((error: unknown) => (failure.value = explain(error)));
  }, [store, inForce]);

  async function take(number: number) {
    try {
      const old = api.get<{ document: D }>(`${store.path}/versions/${number}`);
      tellTakenUp(await store.takeFrom(old.then(({ document }) => document)), t("version_taken", { number }));
    } catch (error) {
      tellFailure(error);
    }
  }

  return (
    <section aria-labelledby="plan-versions">
      <h2 id="plan-versions">{t("versions")}</h2>
      {failure.value && <p class="alert">{failure.value}</p>}
      {!versions.value.length && <p class="muted">{t("version_none")}</p>}
      <ul class="plan-list">
        {versions.value.map((one) => (
          <li key={one.number} class="card plan-version">
            <div>
              <h3>
                {t("version_n", { number: one.number })}{" "}
                {one.state && <span class="chip">{word("policy_state", one.state)}</span>}
              </h3>
              <p>{one.reason}</p>
              <p class="muted small">{[began(one, store.timeZone), one.author?.name, one.approver?.name].filter(Boolean).join(" · ")}</p>
            </div>
            <button type="button" class="button" onClick={() => takeUp(() => void take(one.number))}>
              {t("version_take", { number: one.number })}
            </button>
          </li>
        ))}
      </ul>
      {question}
    </section>
  );
}

function began({ published_at, effective_at }: Version, timeZone?: string): string {
  return effective_at ? t("policy_from", { date: moment(effective_at, timeZone) }) : moment(published_at!, timeZone);
}
