// A campaign's policy: read what stands, edit a draft, publish it now or at a time, take it back, in and out as a file.
import { useSignal } from "@preact/signals";
import { useMemo } from "preact/hooks";
import type { PolicyVersion } from "../api/types";
import { ApiError } from "../api/http";
import { t } from "../i18n/console";
import { moment } from "../i18n/format";
import { DraftForm } from "./draft-form";
import { DraftPage } from "./draft-page";
import { PolicyCallbacks, PolicyExemptions, PolicyLimits, PolicyTexts } from "./policy-care";
import { PolicyHours } from "./policy-hours";
import { PolicyPace } from "./policy-modes";
import { PublishPolicy, RollBack, tellTaken } from "./policy-publish";
import { PolicySeason } from "./policy-season";
import { PolicySimulated } from "./policy-simulation";
import { PolicyStore } from "./policy-store";
import { SavedDraft } from "./policy-saved";
import { explain } from "./session";
import { tellTakenUp, useTakeUp } from "./take-up";
import { tell, tellFailure } from "./toast";
import { Versions } from "./versions";

export function PolicyEditor({ campaignId }: { campaignId: string }) {
  const store = useMemo(() => new PolicyStore(campaignId), [campaignId]);
  return (
    <DraftPage
      campaignId={campaignId}
      store={store}
      title="policy_of"
      lead="policy_lead"
      standing={(_, slug) => <Standing store={store} name={slug} />}
    >
      {() => (
        <>
          <SavedDraft store={store} />
          <Editor store={store} />
        </>
      )}
    </DraftPage>
  );
}

function Standing({ store, name }: { store: PolicyStore; name: string }) {
  const { in_force, published, can_go_back } = store.inForce.value!;
  const isRollingBack = useSignal(false);
  const isPlanned = published && published.number !== in_force?.number;
  return (
    <>
      <p class="muted">{t("policy_acts_on")}</p>
      <p class="small">{in_force ? standing(in_force, store.timeZone) : t("policy_never_published")}</p>
      {isPlanned && published.effective_at && (
        <p class="small">
          {t("policy_planned", {
            number: published.number,
            date: moment(published.effective_at, store.timeZone),
            reason: published.reason,
          })}
        </p>
      )}
      <p class="actions">
        <Files store={store} name={name} />
        {can_go_back && published && (
          <button type="button" class="button" onClick={() => (isRollingBack.value = true)}>
            {t("policy_roll_back", { number: published.number })}
          </button>
        )}
      </p>
      {isRollingBack.value && published && (
        <RollBack store={store} number={published.number} onClose={() => (isRollingBack.value = false)} />
      )}
    </>
  );
}

function standing({ number, effective_at, author, approver, reason }: PolicyVersion, timeZone: string): string {
  const names = approver ? `${author.name}, ${approver.name}` : author.name;
  return t("policy_in_force", { number, date: moment(effective_at!, timeZone), name: names || "–", reason });
}

/** The document on screen as a file, and a file as the draft. */
function Files({ store, name }: { store: PolicyStore; name: string }) {
  const refused = useSignal<string[]>([]);
  const [takeUp, question] = useTakeUp(store);

  function save() {
    const text = `${JSON.stringify(store.document, null, 2)}\n`;
    const link = document.createElement("a");
    link.href = URL.createObjectURL(new Blob([text], { type: "application/json" }));
    link.download = `${name}.policy.json`;
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 1000);
  }

  function choose(input: HTMLInputElement) {
    const file = input.files?.[0];
    input.value = "";
    if (file) takeUp(() => void open(file));
  }

  async function open(file: File) {
    refused.value = [];
    try {
      const isTaken = await store.takeFile(file.text());
      tellTakenUp(isTaken, t("policy_file_taken", { name: file.name }));
    } catch (error) {
      refused.value = error instanceof SyntaxError ? [t("policy_file_unreadable")] : refusals(error);
    }
  }

  return (
    <>
      <button type="button" class="button" onClick={save}>
        {t("policy_file_out")}
      </button>
      <label class="button policy-file">
        {t("policy_file_in")}
        <input
          type="file"
          class="unseen"
          accept=".json,application/json"
          onChange={(event) => choose(event.currentTarget)}
        />
      </label>
      {refused.value.length > 0 && (
        <ul class="alert" role="alert">
          {refused.value.map((line) => (
            <li key={line}>{line}</li>
          ))}
        </ul>
      )}
      {question}
    </>
  );
}

/** Where and why, of a file that the editor cannot show. */
function refusals(error: unknown): string[] {
  const fields = error instanceof ApiError ? error.facts["fields"] : undefined;
  if (!fields) return [explain(error)];
  return Object.entries(fields as Record<string, string[]>).map(
    ([place, sentences]) => `${t("lead_in", { name: place.replace(/^document\.?/, "") })} ${sentences.join(" ")}`,
  );
}

function Editor({ store }: { store: PolicyStore }) {
  return (
    <DraftForm
      store={store}
      verdict={verdict(store)}
      publishing={(close) => <PublishPolicy store={store} onClose={close} />}
    >
      <PolicyHours store={store} />
      <PolicySeason store={store} />
      <PolicyPace store={store} />
      <PolicyExemptions store={store} />
      <PolicyCallbacks store={store} />
      <PolicyLimits store={store} />
      <PolicyTexts store={store} />
      {store.draft.value && (
        <p>
          <button type="button" class="button" onClick={() => void keep(store)}>
            {t("policy_save")}
          </button>{" "}
          <span class="muted small">{t("policy_save_hint")}</span>
        </p>
      )}
      <PolicySimulated store={store} />
      <Versions store={store} />
    </DraftForm>
  );
}

async function keep(store: PolicyStore): Promise<void> {
  try {
    await store.save();
    tell(t("policy_saved", { number: store.inForce.value!.draft!.number }));
  } catch (error) {
    if (store.isDraftTaken(error)) tellTaken(store, error);
    else tellFailure(error);
  }
}

function verdict(store: PolicyStore): string {
  const faulty = Object.keys(store.faults.value).length;
  if (faulty) return t("menu_faults", { n: faulty });
  const changes = store.checked.value;
  return changes ? t("policy_checked", { n: changes.length }) : "";
}
