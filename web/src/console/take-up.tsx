// Something else in place of the draft on screen: asked first when what one wrote would be lost by it.
import { useSignal } from "@preact/signals";
import type { ComponentChildren } from "preact";
import { t } from "../i18n/console";
import { Confirm } from "../ui/dialog";
import type { DraftStore, Published } from "./draft-store";
import { tell } from "./toast";

/** A function that does what takes something up, at once or after the question; and the question, to be shown. */
export function useTakeUp<D extends object, P extends Published<D>>(
  store: DraftStore<D, P>,
): [(work: () => void) => void, ComponentChildren] {
  const asked = useSignal<(() => void) | null>(null);
  const work = asked.value;
  const question = work && (
    <Confirm
      title={t("take_title")}
      body={t("take_body")}
      confirm={t("take_confirm")}
      cancel={t("cancel")}
      onConfirm={() => {
        asked.value = null;
        work();
      }}
      onCancel={() => (asked.value = null)}
    />
  );
  return [(next) => (store.isUnsaved ? (asked.value = next) : next()), question];
}

/** *taken*, or why nothing was. */
export function tellTakenUp(isTaken: boolean, taken: string): void {
  tell(isTaken ? taken : t("take_overtaken"));
}
