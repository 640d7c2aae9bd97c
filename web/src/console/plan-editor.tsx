// A campaign's routing plan: read it, edit a draft, check it, publish it, go back to an old version.
import { useSignal } from "@preact/signals";
import { useEffect, useMemo } from "preact/hooks";
import type { Campaign, PlanVersion } from "../api/types";
import { t } from "../i18n/console";
import { moment } from "../i18n/format";
import { DraftForm } from "./draft-form";
import { Loaded } from "./loaded";
import { PublishPlan } from "./plan-publish";
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

export function standing({ number, author, reason, published_at }: PlanVersion): string {
  if (!published_at) return t("plan_never_published");
  return t("plan_published", { number, date: moment(published_at), name: author?.name || "–", reason });
}

function Editor({ store }: { store: PlanStore }) {
  const checked = store.checked.value;
  const isServed = checked?.every((one) => one.agents_last > 0);
  return (
    <DraftForm
      store={store}
      verdict={checked ? t(isServed ? "plan_checked" : "plan_unserved") : ""}
      publishing={(close) => <PublishPlan store={store} onClose={close} />}
    >
      <TopicsEditor store={store} />
      <QueuesEditor store={store} />
      <SkillsEditor store={store} />
      <Versions store={store} />
    </DraftForm>
  );
}
