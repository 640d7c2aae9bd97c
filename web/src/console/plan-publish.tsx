// Before a plan comes into force: who would be left without an agent, and that this is meant.
import { useSignal } from "@preact/signals";
import type { Coverage } from "../api/types";
import { t, word } from "../i18n/console";
import { differences, named, type PlanStore } from "./plan-store";
import { PublishDialog } from "./publish-dialog";

export function PublishPlan({ store, onClose }: { store: PlanStore; onClose: () => void }) {
  const acceptsUnserved = useSignal(false);
  const unserved = store.coverage.filter((one) => one.agents_last === 0);
  return (
    <PublishDialog
      store={store}
      title={t("publish_title")}
      changes={differences(store.plan.value!.document, store.document)}
      more={{ accepts_unserved: acceptsUnserved.value }}
      published={(number) => t("published", { number })}
      onClose={onClose}
    >
      {unserved.length > 0 && <Unserved store={store} unserved={unserved} />}
      {unserved.length > 0 && (
        <label class="check">
          <input
            type="checkbox"
            required
            checked={acceptsUnserved.value}
            onChange={(event) => (acceptsUnserved.value = event.currentTarget.checked)}
          />
          {t("unserved_accept")}
        </label>
      )}
    </PublishDialog>
  );
}

function Unserved({ store, unserved }: { store: PlanStore; unserved: Coverage[] }) {
  const nameOf = (id: string) => named(store.document.topics.find((topic) => topic.id === id)?.name ?? { fr: "" });
  return (
    <div class="alert">
      <p>{t("unserved_title")}</p>
      <ul class="bullets">
        {unserved.map(({ topic, language, channel }) => (
          <li key={`${topic}-${language}-${channel}`}>
            {nameOf(topic)} · {word("channel", channel)} · {word("language", language)}
          </li>
        ))}
      </ul>
    </div>
  );
}
