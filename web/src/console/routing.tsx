// The routing's own account of itself, in words: who could take it and who was chosen, and why.
import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import type { Routing, RoutingAgent } from "../api/types";
import { t, word } from "../i18n/console";
import { brief, duration, hour, moment, ordinal } from "../i18n/format";
import { has } from "../i18n/translate";
import { fr } from "../i18n/supervision.fr";
import { secondsSince, secondsUntil } from "../live/clock";
import { Icon } from "../ui/icons";
import { api, explain } from "./session";

export function RoutingExplained({ ticketId }: { ticketId: string }) {
  const routing = useSignal<Routing | null>(null);
  const failure = useSignal("");
  useEffect(() => {
    api
      .get<Routing>(`/api/v1/tickets/${ticketId}/routing`)
      .then((answer) => (routing.value = answer))
      .catch((error: unknown) => (failure.value = explain(error)));
  }, [ticketId]);
  if (failure.value) return <p class="alert">{failure.value}</p>;
  if (!routing.value) return <p class="muted small">{t("loading")}</p>;
  const { waiting, offers } = routing.value;
  return (
    <div class="routing">
      {!waiting && !offers.length && <p class="muted small">{t("routing_none")}</p>}
      {waiting && <Waiting waiting={waiting} />}
      {offers.length > 0 && (
        <>
          <h3>{t("offers_made")}</h3>
          <ol class="lines">
            {offers.map((offer) => (
              <li key={offer.offered_at}>
                <span>
                  <strong>{offer.agent.name}</strong> · {word("offer", offer.state)}
                  <span class="muted small">{brief(offer.offered_at)}</span>
                  <span class="small">{reasons(offer.why).join(" ")}</span>
                </span>
              </li>
            ))}
          </ol>
        </>
      )}
    </div>
  );
}

type Waits = NonNullable<Routing["waiting"]>;

function Waiting({ waiting }: { waiting: Waits }) {
  const { position, step, steps, next_step_at, enqueued_at, agents, expected_wait, curtains, offered_elsewhere } = waiting;
  return (
    <>
      <p>{t("routing_position", { nth: ordinal(position), time: duration(secondsSince(enqueued_at)) })}</p>
      {expected_wait && <p>{t("routing_expected", { time: duration(expected_wait.to_seconds) })}</p>}
      <p>
        {t("routing_key", {
          key: moment(waiting.key),
          arrived: moment(enqueued_at),
          target: duration(waiting.target_seconds),
          priority: waiting.priority,
        })}
      </p>
      <p>{t("routing_need", { need: waiting.needs.map((one) => asked(one, waiting.skill_names)).join(t("routing_or")) })}</p>
      {curtains.map(({ kind, who, until_at }) => (
        <p key={kind}>{t(`routing_${kind}`, { who, time: hour(until_at) })}</p>
      ))}
      {offered_elsewhere && <p>{t("routing_offered_elsewhere", { channel: word("channel", offered_elsewhere) })}</p>}
      <p>
        {t("routing_step", { step, steps })}{" "}
        {next_step_at ? t("routing_next_step", { time: duration(secondsUntil(next_step_at)) }) : t("routing_last_step")}
      </p>
      <h3>{t("routing_agents")}</h3>
      <ul class="lines">
        {agents.map((agent) => (
          <li key={agent.name}>
            <Icon name={agent.failing ? "close" : "check"} size={16} />
            <span>
              {agent.name}
              <span class="small muted">{verdict(agent, waiting.skill_names)}</span>
            </span>
          </li>
        ))}
      </ul>
    </>
  );
}

/** What one step asks: channel, language, skills, and whose agents where it is another queue's. */
function asked({ channel, language, skills, queue }: Waits["needs"][number], names: Waits["skill_names"]): string {
  const levels = Object.entries(skills).map(([code, level]) => t("routing_level", { skill: names[code] ?? code, level }));
  const spoken = language ? [word("language", language)] : [];
  return [word("channel", channel), ...spoken, ...levels, ...(queue ? [t("routing_of_queue", { queue })] : [])].join(", ");
}

function verdict({ failing, facts }: RoutingAgent, names: Waits["skill_names"]): string {
  if (!failing) return t("eligible");
  const key = `failing_${failing}`;
  const skill = names[String(facts["skill"])] ?? facts["skill"];
  return has(fr, key) ? t(key, { ...facts, skill } as Record<string, string | number>) : t("failing_other", { code: failing });
}

/** The engine's reasons as sentences; what it says beyond these has no words yet and is left out. */
function reasons(why: Record<string, unknown>): string[] {
  const { waited_seconds: waited, eligible_idle: idle, decided_by: by } = why;
  const key = `why_${String(by)}`;
  return [
    ...(typeof waited === "number" ? [t("why_waited", { time: duration(waited) })] : []),
    ...(typeof idle === "number" ? [t("why_idle", { n: idle })] : []),
    ...(has(fr, key) ? [t(key)] : []),
  ];
}
