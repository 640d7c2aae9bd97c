// A campaign's routing plan: read it, edit a draft, check it, publish it, go back to an old version.
import { useSignal } from "@preact/signals";
import { useEffect, useMemo } from "preact/hooks";
import { ApiError } from "../api/http";
import type { Campaign, Plan } from "../api/types";
import { t } from "../i18n/console";
import { moment } from "../i18n/format";
import { Loaded } from "./loaded";
import { PublishDialog } from "./plan-publish";
import { QueuesEditor } from "./plan-queues";
import { SkillsEditor } from "./plan-skills";
import { PlanStore } from "./plan-store";
import { TopicsEditor } from "./plan-topics";
import { Versions } from "./plan-versions";
import { Link } from "./router";
import { explain } from "./session";

export function PlanEditor({ campaignId }: { campaignId: string }) {
  const store = useMemo(() => new PlanStore(campaignId), [campaignId]);
  const failure = useSignal("");
  useEffect(() => void store.load().catch((error: unknown) => (failure.value = explain(error))), [store]);
  const plan = store.plan.value;
  return (
    <div class="board">
      <p>
        <Link to="/console/campaigns">← {t("campaigns")}</Link>
      </p>
      <Loaded<{ items: Campaign[] }> path="/api/v1/campaigns">
        {({ items }) => (
          <header class="board-head">
            <h1>{t("plan_of", { name: items.find((one) => one.id === campaignId)?.name ?? "–" })}</h1>
            <p class="muted">{t("plan_lead")}</p>
            {plan && <p class="small">{standing(plan)}</p>}
          </header>
        )}
      </Loaded>
      {!plan && <p role={failure.value ? "alert" : "status"}>{failure.value || t("loading")}</p>}
      {plan && <Editor store={store} />}
    </div>
  );
}

function standing({ number, author, reason, published_at }: Plan): string {
  if (!published_at) return t("plan_never_published");
  return t("plan_published", { number, date: moment(published_at), name: author?.name || "–", reason });
}

function Editor({ store }: { store: PlanStore }) {
  const isPublishing = useSignal(false);
  const hasDraft = store.draft.value !== null;
  // Said in the bar itself: a notice over it would cover the very button that is wanted next.
  const failure = useSignal("");
  const checked = store.checked.value;
  const isServed = checked?.every((one) => one.agents_last > 0);

  async function check(then?: () => void) {
    failure.value = "";
    try {
      await store.check();
      then?.();
    } catch (error) {
      if (error instanceof ApiError && error.facts["fields"]) {
        store.showFaults(error.facts["fields"] as Record<string, string[]>);
      }
      failure.value = explain(error);
    }
  }

  return (
    <form
      class="plan"
      onSubmit={(event) => {
        event.preventDefault();
        void check(() => (isPublishing.value = true));
      }}
    >
      <TopicsEditor store={store} />
      <QueuesEditor store={store} />
      <SkillsEditor store={store} />
      <Versions store={store} />
      {hasDraft && (
        <div class="plan-bar" role="region" aria-label={t("plan_draft")}>
          <div>
            <p>{t("plan_draft")}</p>
            <p class="strong" role="status">
              {checked ? t(isServed ? "plan_checked" : "plan_unserved") : failure.value}
            </p>
          </div>
          <div class="actions">
            <button type="button" class="button" onClick={() => store.discard()}>
              {t("plan_discard")}
            </button>
            <button type="button" class="button" onClick={() => void check()}>
              {t("plan_check")}
            </button>
            <button type="submit" class="button primary">
              {t("plan_publish")}
            </button>
          </div>
        </div>
      )}
      {isPublishing.value && <PublishDialog store={store} onClose={() => (isPublishing.value = false)} />}
    </form>
  );
}
