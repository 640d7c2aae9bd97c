// The conversations in hand: who, what was said last, what is unread, what is being wrapped up.
import { t, word } from "../i18n/console";
import { brief, timer } from "../i18n/format";
import type { Assignment } from "../api/types";
import { secondsUntil } from "../live/clock";
import { Icon } from "../ui/icons";
import { Link, ticketPath } from "./router";
import { assignments, work } from "./work";

export function Conversations({ openId }: { openId: string | null }) {
  const presence = work.value?.presence;
  return (
    <section class="conversations" aria-labelledby="conversations-title">
      <h2 id="conversations-title">{t("conversations")}</h2>
      {assignments.value.length ? (
        <ul>
          {assignments.value.map((assignment) => (
            <Row key={assignment.id} assignment={assignment} isOpen={assignment.ticket_id === openId} />
          ))}
        </ul>
      ) : (
        <p class="muted small none">
          {t("no_conversation")}{" "}
          {presence && t(presence.state === "ready" ? "no_conversation_ready" : "no_conversation_away")}
        </p>
      )}
    </section>
  );
}

function Row({ assignment, isOpen }: { assignment: Assignment; isOpen: boolean }) {
  const { ticket_id, citizen_name, topic, administration, last_message: last, unread, visitor_present } = assignment;
  return (
    <li>
      <Link to={ticketPath(ticket_id)} class={`row-link${unread ? " fresh" : ""}`} isCurrent={isOpen}>
        <span class="hue" data-hue={administration.hue} title={administration.name} />
        <span class="row-main">
          <span class="row-top">
            <span class="truncate who">{citizen_name ?? t("anonymous")}</span>
            {last && <span class="when muted tabular">{brief(last.at)}</span>}
          </span>
          <span class="row-line truncate muted">{last?.body || topic.name}</span>
          <span class="row-line row-facts">
            <Icon name={assignment.channel} size={14} />
            <span class="truncate">
              <span class="unseen">{word("channel", assignment.channel)}, </span>
              {administration.name}
            </span>
            {visitor_present === false && assignment.state !== "wrapping" && (
              <span class="away" title={t("visitor_away")}>
                <Icon name="away" size={14} />
                <span class="unseen">{t("visitor_away")}</span>
              </span>
            )}
          </span>
          {assignment.state === "wrapping" && <WrapLeft until={assignment.wrap_until} />}
        </span>
        {unread > 0 && (
          <span class="badge">
            <span aria-hidden="true">{unread}</span>
            <span class="unseen">{t("unread", { n: unread })}</span>
          </span>
        )}
      </Link>
    </li>
  );
}

function WrapLeft({ until }: { until: string | null }) {
  return (
    <span class="row-line wrap-left tabular">
      <Icon name="clock" size={14} /> {t("wrapping")} {until && timer(secondsUntil(until))}
    </span>
  );
}
