// Who may serve the administration's campaigns, and the way to take it back.
import { useSignal } from "@preact/signals";
import type { Grant } from "../api/types";
import { t } from "../i18n/console";
import { brief, moment } from "../i18n/format";
import { Confirm } from "../ui/dialog";
import { Loaded } from "./loaded";
import { api } from "./session";
import { tell, tellFailure } from "./toast";

export function Grants() {
  return (
    <div class="board">
      <header class="board-head">
        <h1>{t("grants")}</h1>
        <p class="muted">{t("grants_lead")}</p>
      </header>
      <Loaded<{ items: Grant[] }> path="/api/v1/grants">
        {({ items }, reload) =>
          items.length ? <GrantsTable grants={items} reload={reload} /> : <p class="muted">{t("no_grants")}</p>
        }
      </Loaded>
    </div>
  );
}

function GrantsTable({ grants, reload }: { grants: Grant[]; reload: () => Promise<void> }) {
  const asked = useSignal<Grant | null>(null);

  async function revoke(grant: Grant) {
    asked.value = null;
    try {
      await api.send("DELETE", `/api/v1/grants/${grant.id}`);
      tell(t("revoked", { name: grant.person.name }));
      await reload();
    } catch (error) {
      tellFailure(error);
    }
  }

  const confirmed = asked.value;
  return (
    <div class="table-box" tabIndex={0} role="region" aria-label={t("grants")}>
      <table>
        <thead>
          <tr>
            <th scope="col">{t("person")}</th>
            <th scope="col">{t("outsourcer")}</th>
            <th scope="col">{t("campaign")}</th>
            <th scope="col">{t("granted_at")}</th>
            <th scope="col">{t("grant_state")}</th>
            <th scope="col">
              <span class="unseen">{t("agent_actions")}</span>
            </th>
          </tr>
        </thead>
        <tbody>
          {grants.map((grant) => (
            <tr key={grant.id} class={grant.revoked_at ? "past" : ""}>
              <th scope="row" data-label={t("person")}>
                {grant.person.name}
              </th>
              <td data-label={t("outsourcer")}>{grant.outsourcer.name}</td>
              <td data-label={t("campaign")}>{grant.campaign.name}</td>
              <td data-label={t("granted_at")}>
                <time dateTime={grant.granted_at} title={moment(grant.granted_at)}>
                  {brief(grant.granted_at)}
                </time>
              </td>
              <td data-label={t("grant_state")}>
                {grant.revoked_at ? t("grant_revoked", { date: brief(grant.revoked_at) }) : t("grant_live")}
              </td>
              <td class="end">
                {!grant.revoked_at && (
                  <button
                    type="button"
                    class="button"
                    aria-label={t("revoke_of", { name: grant.person.name, campaign: grant.campaign.name })}
                    onClick={() => (asked.value = grant)}
                  >
                    {t("revoke")}
                  </button>
                )}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
      {confirmed && (
        <Confirm
          title={t("revoke_title")}
          body={t("revoke_body", {
            name: confirmed.person.name,
            outsourcer: confirmed.outsourcer.name,
            campaign: confirmed.campaign.name,
          })}
          confirm={t("revoke")}
          cancel={t("cancel")}
          onConfirm={() => void revoke(confirmed)}
          onCancel={() => (asked.value = null)}
        />
      )}
    </div>
  );
}
