// The draft of a policy that the campaign keeps: taken up, thrown away, or published.
import { useSignal } from "@preact/signals";
import { t, word } from "../i18n/console";
import { moment } from "../i18n/format";
import { Confirm } from "../ui/dialog";
import { refocus } from "../ui/focus";
import type { PolicyStore } from "./policy-store";
import { account } from "./session";
import { tellTaken } from "./policy-publish";
import { useTakeUp } from "./take-up";
import { tell, tellFailure } from "./toast";

/** Kept on the server: by oneself on another day, or by a colleague, who may want a second person to publish it. */
export function SavedDraft({ store }: { store: PolicyStore }) {
  const { draft, changes } = store.inForce.value!;
  if (!draft) return null;
  const { number, version, author, state, reason, effective_at, document } = draft;
  const isProposed = state === "proposed";
  const isOwn = author.id === account().id;
  const isDiscarding = useSignal(false);
  const [takeUp, question] = useTakeUp(store);

  async function act(work: () => Promise<void>, said: string) {
    try {
      await work();
      tell(said);
      refocus();
    } catch (error) {
      await store.load().catch(() => undefined);
      if (store.isDraftTaken(error)) tellTaken(store, error);
      else tellFailure(error);
    }
  }

  return (
    <section class="card stack" aria-labelledby="policy-saved">
      <h2 id="policy-saved">
        {t("version_n", { number })} <span class="chip">{word("policy_state", state)}</span>
      </h2>
      <p>
        {t(isProposed ? "policy_draft_proposed" : "policy_draft_kept", { name: author.name || "–", reason })}
        {isProposed && effective_at && ` ${t("policy_draft_from", { date: moment(effective_at, store.timeZone) })}`}
      </p>
      <ul class="bullets">
        {changes.map((line) => (
          <li key={line}>{line}</li>
        ))}
      </ul>
      {isProposed && isOwn && <p>{t("policy_draft_own")}</p>}
      <p class="actions">
        {isProposed && !isOwn && (
          <button
            type="button"
            class="button primary"
            onClick={() => void act(() => store.act("/draft/approve", { version }), t("policy_approved", { number }))}
          >
            {t("policy_approve", { number })}
          </button>
        )}
        <button type="button" class="button" onClick={() => takeUp(() => store.take(document))}>
          {t("policy_resume")}
        </button>
        <button type="button" class="button" onClick={() => (isDiscarding.value = true)}>
          {t("policy_draft_discard")}
        </button>
      </p>
      {question}
      {isDiscarding.value && (
        <Confirm
          title={t("policy_draft_discard_title", { name: author.name || "–" })}
          body={t("policy_draft_discard_body")}
          confirm={t("policy_draft_discard")}
          cancel={t("cancel")}
          onConfirm={() => {
            isDiscarding.value = false;
            void act(() => store.discardSaved(version), t("policy_draft_discarded"));
          }}
          onCancel={() => (isDiscarding.value = false)}
        />
      )}
    </section>
  );
}
