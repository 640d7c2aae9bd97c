// Before a policy comes into force or is taken back: what changes, from when, and why.
import { useSignal } from "@preact/signals";
import { useId } from "preact/hooks";
import { ApiError } from "../api/http";
import { t } from "../i18n/console";
import { Dialog } from "../ui/dialog";
import { DialogActions } from "./dialog-actions";
import type { Faults } from "./draft-store";
import { Field } from "./menu-fields";
import type { PolicyStore } from "./policy-store";
import { PublishDialog } from "./publish-dialog";
import { account, explain } from "./session";
import { SimulationNote } from "./simulation-note";
import { tell, tellFailure } from "./toast";

export function PublishPolicy({ store, onClose }: { store: PolicyStore; onClose: () => void }) {
  const at = useSignal("");
  const faults = useSignal<string[]>([]);
  const { document, time_zone, draft } = store.inForce.value!;
  const takesTwo = document.needs_second_person || store.document.needs_second_person;

  function refused(error: unknown): boolean {
    const fields = error instanceof ApiError ? (error.facts["fields"] as Faults | undefined) : undefined;
    faults.value = fields?.["effective_at"] ?? [];
    if (!store.isDraftTaken(error)) return false;
    tellTaken(store, error);
    return true;
  }

  return (
    <PublishDialog
      store={store}
      title={t("policy_publish_title")}
      changes={store.checked.value}
      more={{ effective_at: at.value || null }}
      submit={takesTwo ? t("policy_propose") : at.value ? t("policy_publish_then") : undefined}
      published={(number) => published(store, number)}
      refused={refused}
      onClose={onClose}
    >
      <SimulationNote store={store} />
      {takesTwo && <p>{t("policy_takes_two")}</p>}
      {draft && draft.author.id !== account().id && (
        <p class="alert">{t("policy_replaces_draft", { name: draft.author.name || "–" })}</p>
      )}
      <Field
        store={{ faultsAt: () => faults.value }}
        place="effective_at"
        label={t("policy_effective_at")}
        hint={t("policy_effective_at_hint", { zone: time_zone })}
      >
        {(control) => (
          <input
            {...control}
            type="datetime-local"
            value={at.value}
            onInput={(event) => {
              at.value = event.currentTarget.value;
              faults.value = [];
            }}
          />
        )}
      </Field>
    </PublishDialog>
  );
}

/** Somebody else kept a draft, published it or threw it away: what stands now is on screen. */
export function tellTaken(store: PolicyStore, error: unknown): void {
  const { draft } = store.inForce.value!;
  tellFailure(error, draft ? t("policy_draft_taken", { name: draft.author.name || "–" }) : t("policy_draft_gone"));
}

function published(store: PolicyStore, number: number): string {
  const { draft, in_force } = store.inForce.value!;
  if (draft) return t("policy_proposed", { number });
  return t(in_force?.number === number ? "policy_published" : "policy_scheduled", { number });
}

export function RollBack({ store, number, onClose }: { store: PolicyStore; number: number; onClose: () => void }) {
  const reason = useSignal("");
  const failure = useSignal("");
  const id = useId();

  async function submit(event: Event) {
    event.preventDefault();
    event.stopPropagation();
    failure.value = "";
    try {
      await store.act("/roll-back", { number, reason: reason.value.trim() });
      tell(t("policy_rolled_back", { number, restored: store.inForce.value!.published!.restores! }));
      onClose();
    } catch (error) {
      failure.value = explain(error);
    }
  }

  return (
    <Dialog title={t("policy_roll_back", { number })} onClose={onClose}>
      <form class="stack" onSubmit={(event) => void submit(event)}>
        <p class={failure.value ? "alert" : ""} role="alert">
          {failure.value}
        </p>
        <p>{t("policy_roll_back_lead", { number })}</p>
        <div class="field">
          <label for={id}>{t("publish_reason")}</label>
          <textarea
            id={id}
            required
            maxLength={500}
            value={reason.value}
            onInput={(event) => (reason.value = event.currentTarget.value)}
          />
        </div>
        <DialogActions submit={t("policy_roll_back_confirm")} onCancel={onClose} />
      </form>
    </Dialog>
  );
}
