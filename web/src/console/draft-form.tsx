// The form around a draft: its bar says how it stands, checks it, and opens its publication.
import { useSignal, useSignalEffect } from "@preact/signals";
import type { ComponentChildren } from "preact";
import { useRef } from "preact/hooks";
import { t } from "../i18n/console";
import { focusFault, refocus } from "../ui/focus";
import type { DraftStore, Published } from "./draft-store";
import { explain } from "./session";

interface DraftFormProps<D extends object, P extends Published<D>> {
  store: DraftStore<D, P>;
  /** What the last check found, in a sentence; "" when the draft changed since. */
  verdict: string;
  publishing: (close: () => void) => ComponentChildren;
  children: ComponentChildren;
}

export function DraftForm<D extends object, P extends Published<D>>(props: DraftFormProps<D, P>) {
  const { store, verdict, publishing, children } = props;
  const isPublishing = useSignal(false);
  // Said in the bar itself: a notice over it would cover the very button that is wanted next.
  const failure = useSignal("");
  const form = useRef<HTMLFormElement>(null);
  // What was refused was another draft.
  useSignalEffect(() => {
    void store.draft.value;
    failure.value = "";
  });

  async function check(then?: () => void) {
    failure.value = "";
    try {
      if (await store.check()) then?.();
    } catch (error) {
      failure.value = explain(error);
      if (Object.keys(store.faults.value).length) focusFault(form.current!);
    }
  }

  function discard() {
    store.discard();
    refocus();
  }

  return (
    <form
      class="plan"
      ref={form}
      // The check names what is wrong in its place, in the page's language, also where it is folded away.
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        void check(() => (isPublishing.value = true));
      }}
    >
      {children}
      {store.draft.value && (
        <div class="plan-bar" role="region" aria-label={t("plan_draft")}>
          <div>
            <p>{t("plan_draft")}</p>
            <p class="strong" role="status">
              {verdict || failure.value}
            </p>
          </div>
          <div class="actions">
            <button type="button" class="button" onClick={discard}>
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
      {isPublishing.value && publishing(() => (isPublishing.value = false))}
    </form>
  );
}
