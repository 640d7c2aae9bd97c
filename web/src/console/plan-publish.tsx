// Before a plan comes into force: what changes, who would be left without an agent, and why it is done.
import { useSignal } from "@preact/signals";
import { ApiError } from "../api/http";
import type { Coverage } from "../api/types";
import { t, word } from "../i18n/console";
import { Dialog } from "../ui/dialog";
import { DialogActions } from "./dialog-actions";
import { differences, named, type PlanStore } from "./plan-store";
import { explain } from "./session";
import { tell } from "./toast";

export function PublishDialog({ store, onClose }: { store: PlanStore; onClose: () => void }) {
  const reason = useSignal("");
  const acceptsUnserved = useSignal(false);
  const failure = useSignal("");
  const newer = useSignal<number | null>(null);
  const changes = differences(store.plan.value!.document, store.document);
  const unserved = store.coverage.filter((one) => one.agents_last === 0);

  async function submit(event: Event) {
    event.preventDefault();
    event.stopPropagation();
    try {
      const number = await store.publish(reason.value.trim(), acceptsUnserved.value);
      tell(t("published", { number }));
      onClose();
    } catch (error) {
      if (error instanceof ApiError && error.code === "conflict") await showNewer(Number(error.facts["version"]));
      else failure.value = explain(error);
    }
  }

  /** The differences are told against what stands now; publishing again means to replace it. */
  async function showNewer(number: number) {
    newer.value = number;
    failure.value = t("plan_conflict", { number });
    await store.load().catch((error: unknown) => (failure.value = explain(error)));
  }

  function rebase() {
    store.take(store.document);
    void store.check().catch((error: unknown) => (failure.value = explain(error)));
    newer.value = null;
    failure.value = "";
  }

  return (
    <Dialog title={t("publish_title")} onClose={onClose}>
      <form class="stack" onSubmit={(event) => void submit(event)}>
        <p class={failure.value ? "alert" : ""} role="alert">
          {failure.value}
        </p>
        <section>
          <h3>{t("publish_changes")}</h3>
          {changes.length ? (
            <ul class="bullets">
              {changes.map((line) => (
                <li key={line}>{line}</li>
              ))}
            </ul>
          ) : (
            <p>{t("publish_nothing")}</p>
          )}
        </section>
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
        <div class="field">
          <label for="publish-reason">{t("publish_reason")}</label>
          <textarea
            id="publish-reason"
            required
            maxLength={500}
            aria-describedby="publish-reason-hint"
            value={reason.value}
            onInput={(event) => (reason.value = event.currentTarget.value)}
          />
          <p class="hint" id="publish-reason-hint">
            {t("publish_reason_hint")}
          </p>
        </div>
        {newer.value !== null ? (
          <button type="button" class="button" onClick={rebase}>
            {t("plan_conflict_show", { number: newer.value })}
          </button>
        ) : (
          <DialogActions submit={t("publish_confirm")} onCancel={onClose} />
        )}
      </form>
    </Dialog>
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
