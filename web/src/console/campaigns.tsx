// An administration's campaigns: topics, queues, and the page citizens chat from.
import type { Campaign } from "../api/types";
import { t, word } from "../i18n/console";
import { Icon } from "../ui/icons";
import { Loaded } from "./loaded";
import { Link } from "./router";
import { tell } from "./toast";

export function Campaigns() {
  return (
    <div class="board">
      <header class="board-head">
        <h1>{t("campaigns")}</h1>
        <p class="muted">{t("campaigns_lead")}</p>
      </header>
      <Loaded<{ items: Campaign[] }> path="/api/v1/campaigns">
        {({ items }) =>
          items.length ? (
            <ul class="cards wide">
              {items.map((campaign) => (
                <CampaignCard key={campaign.id} campaign={campaign} />
              ))}
            </ul>
          ) : (
            <p class="muted">{t("no_campaigns")}</p>
          )
        }
      </Loaded>
    </div>
  );
}

function CampaignCard({ campaign }: { campaign: Campaign }) {
  const { name, state, languages, topics, queues, chat_address } = campaign;
  return (
    <li class="card">
      <h2>{name}</h2>
      <p class="facts">
        <span class={`chip campaign-${state}`}>{word("campaign", state)}</span>
        <span>{languages.map((tongue) => word("language", tongue)).join(", ")}</span>
      </p>
      {chat_address ? <ChatLink address={chat_address} /> : <p class="muted small">{t("no_chat")}</p>}
      <h3>{t("topics")}</h3>
      {topics.length ? (
        <ul class="pairs-list">
          {topics.map((topic) => (
            <li key={topic.id}>
              <span>{topic.name}</span>
              <span class="muted">{topic.queue}</span>
            </li>
          ))}
        </ul>
      ) : (
        <p class="muted small">{t("no_topics")}</p>
      )}
      <h3>{t("queues")}</h3>
      <p>{queues.map((queue) => queue.name).join(" · ")}</p>
      <p class="actions">
        <Link
          to={`/console/campaigns/${campaign.id}/policy`}
          class="button"
          label={`${t("lead_in", { name: t("policy_open") })} ${name}`}
        >
          {t("policy_open")}
        </Link>
        <Link
          to={`/console/campaigns/${campaign.id}/phone`}
          class="button"
          label={`${t("lead_in", { name: t("menu_open") })} ${name}`}
        >
          {t("menu_open")}
        </Link>
        <Link to={`/console/campaigns/${campaign.id}`} class="button" label={`${t("lead_in", { name: t("plan_open") })} ${name}`}>
          {t("plan_open")}
        </Link>
      </p>
    </li>
  );
}

function ChatLink({ address }: { address: string }) {
  const path = `/chat/${address}`;
  async function copy() {
    await navigator.clipboard.writeText(new URL(path, location.origin).href);
    tell(t("link_copied"));
  }
  return (
    <p class="chat-link">
      <Icon name="chat" size={16} />
      <a href={path} target="_blank" rel="noopener">
        <span class="unseen">{t("lead_in", { name: t("chat_link") })} </span>
        <code>{path}</code> <span class="unseen">{t("opens_new_tab")}</span>
      </a>
      <button
        type="button"
        class="button quiet icon"
        aria-label={t("copy_link")}
        title={t("copy_link")}
        onClick={() => void copy()}
      >
        <Icon name="copy" size={16} />
      </button>
    </p>
  );
}
