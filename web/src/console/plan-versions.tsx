// The published versions of a routing plan or a menu, newest first; any of them can be taken up again.
import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import type { PlanVersion } from "../api/types";
import { t } from "../i18n/console";
import { moment } from "../i18n/format";
import type { DraftStore, Published } from "./draft-store";
import { api, explain } from "./session";
import { tell, tellFailure } from "./toast";

export function Versions<D extends object, P extends Published<D>>({ store }: { store: DraftStore<D, P> }) {
  const versions = useSignal<PlanVersion[]>([]);
  const failure = useSignal("");
  const inForce = store.inForce.value!.number;
  useEffect(() => {
    api
      .get<{ items: PlanVersion[] }>(`${store.path}/versions`)
      .then(({ items }) => (versions.value = items))
      .catch((error: unknown) => (failure.value = explain(error)));
  }, [store, inForce]);

  async function take(number: number) {
    try {
      const old = await api.get<{ document: D }>(`${store.path}/versions/${number}`);
      store.take(old.document);
      tell(t("version_taken", { number }));
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
        {versions.value.map(({ number, author, reason, published_at }) => (
          <li key={number} class="card plan-version">
            <div>
              <h3>{t("version_n", { number })}</h3>
              <p>{reason}</p>
              <p class="muted small">
                {published_at && moment(published_at)} · {author?.name}
              </p>
            </div>
            <button type="button" class="button" onClick={() => void take(number)}>
              {t("version_take", { number })}
            </button>
          </li>
        ))}
      </ul>
    </section>
  );
}
