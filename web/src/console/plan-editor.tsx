// A campaign's routing plan: read it, edit a draft, check it, publish it, go back to an old version.
import { useMemo } from "preact/hooks";
import type { PlanVersion } from "../api/types";
import { t } from "../i18n/console";
import { moment } from "../i18n/format";
import { DraftForm } from "./draft-form";
import { DraftPage } from "./draft-page";
import { PublishPlan } from "./plan-publish";
import { QueuesEditor } from "./plan-queues";
import { SkillsEditor } from "./plan-skills";
import { PlanStore } from "./plan-store";
import { TopicsEditor } from "./plan-topics";
import { Versions } from "./versions";

export function PlanEditor({ campaignId }: { campaignId: string }) {
  const store = useMemo(() => new PlanStore(campaignId), [campaignId]);
  return (
    <DraftPage
      campaignId={campaignId}
      store={store}
      title="plan_of"
      lead="plan_lead"
      standing={(plan) => <p class="small">{standing(plan)}</p>}
    >
      {() => <Editor store={store} />}
    </DraftPage>
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
