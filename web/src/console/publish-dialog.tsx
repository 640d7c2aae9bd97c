// Before a draft comes into force: what changes, what is to be accepted, and why it is done.
import { useSignal } from "@preact/signals";
import type { ComponentChildren } from "preact";
import { t } from "../i18n/console";
import { Dialog } from "../ui/dialog";
import { DialogActions } from "./dialog-actions";
import type { DraftStore, Published } from "./draft-store";
import { explain } from "./session";
import { tell } from "./toast";

interface PublishDialogProps<D extends object, P extends Published<D>> {
  store: DraftStore<D, P>;
  title: string;
  /** A sentence each, against what stands now; null until it is known. */
  changes: string[] | null;
  /** What is sent beside the reason. */
  more?: object;
  /** What the button says; else that it is done now. */
  submit?: string;
  published: (number: number) => string;
  /** True when the refusal ends the dialog: it was told elsewhere. */
  refused?: (error: unknown) => boolean;
  onClose: () => void;
  children?: ComponentChildren;
}

export function PublishDialog<D extends object, P extends Published<D>>(props: PublishDialogProps<D, P>) {
  const { store, title, changes, more, submit: said, published, refused, onClose, children } = props;
  const reason = useSignal("");
  const failure = useSignal("");
  const newer = useSignal<number | null>(null);

  async function submit(event: Event) {
    event.preventDefault();
    event.stopPropagation();
    failure.value = "";
    try {
      tell(published(await store.publish(reason.value.trim(), more)));
      onClose();
    } catch (error) {
      if (refused?.(error)) return onClose();
      const found = store.newer(error);
      if (found !== null) await showNewer(found);
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
    newer.value = null;
    check();
  }

  function check() {
    failure.value = "";
    store.check().catch((error: unknown) => (failure.value = explain(error)));
  }

  return (
    <Dialog title={title} onClose={onClose}>
      <form class="stack" onSubmit={(event) => void submit(event)}>
        <p class={failure.value ? "alert" : ""} role="alert">
          {failure.value}
        </p>
        <section>
          <h3>{t("publish_changes")}</h3>
          {changes?.length ? (
            <ul class="bullets">
              {changes.map((line) => (
                <li key={line}>{line}</li>
              ))}
            </ul>
          ) : (
            <p>{t(changes ? "publish_nothing" : "publish_unchecked")}</p>
          )}
        </section>
        {children}
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
        ) : changes === null ? (
          <button type="button" class="button" onClick={check}>
            {t("plan_check")}
          </button>
        ) : (
          <DialogActions submit={said ?? t("publish_confirm")} onCancel={onClose} />
        )}
      </form>
    </Dialog>
  );
}
