// The page of a draft: of which campaign, how it stands, and its editor once what is in force has come.
import { useSignal } from "@preact/signals";
import type { ComponentChildren } from "preact";
import { useEffect } from "preact/hooks";
import type { Campaign } from "../api/types";
import { t } from "../i18n/console";
import { language } from "../i18n/language";
import type { DraftStore, Published } from "./draft-store";
import { Loaded } from "./loaded";
import { Link } from "./router";
import { explain } from "./session";

interface DraftPageProps<D extends object, P extends Published<D>> {
  campaignId: string;
  store: DraftStore<D, P>;
  title: "policy_of" | "menu_of" | "plan_of";
  lead: "policy_lead" | "menu_lead" | "plan_lead";
  /** Below the title; `slug` names the campaign in files. */
  standing: (inForce: P, slug: string) => ComponentChildren;
  children: () => ComponentChildren;
}

export function DraftPage<D extends object, P extends Published<D>>(props: DraftPageProps<D, P>) {
  const { campaignId, store, title, lead, standing, children } = props;
  const failure = useSignal("");
  const tongue = language.value;
  // The server words what is in force and what is wrong: in another language it is asked again, and the draft stays.
  useEffect(() => {
    let stop: (() => void) | undefined;
    let isGone = false;
    store
      .load()
      .then(() => isGone || (stop = store.follow()))
      .catch((error: unknown) => (failure.value = explain(error)));
    return () => {
      isGone = true;
      stop?.();
    };
  }, [store, tongue]);
  const inForce = store.inForce.value;
  return (
    <div class="board">
      <p>
        <Link to="/console/campaigns">← {t("campaigns")}</Link>
      </p>
      <Loaded<{ items: Campaign[] }> path="/api/v1/campaigns">
        {({ items }) => {
          const campaign = items.find((one) => one.id === campaignId);
          return (
            <header class="board-head">
              <h1>{t(title, { name: campaign?.name ?? "–" })}</h1>
              <p class="muted">{t(lead)}</p>
              {inForce && standing(inForce, campaign?.slug ?? title)}
            </header>
          );
        }}
      </Loaded>
      {!inForce && <p role={failure.value ? "alert" : "status"}>{failure.value || t("loading")}</p>}
      {inForce && children()}
    </div>
  );
}
