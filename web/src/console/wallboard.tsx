// The supervisor's view of now: queues with who waits and who can serve, agents with what they do.
import { signal, useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import type { AgentRow, QueueRow, Wallboard as Board } from "../api/types";
import { t, word } from "../i18n/console";
import { duration, timer } from "../i18n/format";
import { heard, secondsSince } from "../live/clock";
import { coalesce } from "../live/refetch";
import { Icon } from "../ui/icons";
import { ForceStateDialog } from "./force-state";
import { LoadMarks } from "./presence";
import { Link, ticketPath } from "./router";
import { api, explain, live } from "./session";
import { Valves } from "./valves";

const board = signal<Board | null>(null);
const refetchBoard = coalesce(async () => {
  const next = await api.get<Board>("/api/v1/wallboard");
  heard(next.server_time);
  board.value = next;
});

export function Wallboard() {
  const failure = useSignal("");
  useEffect(() => {
    refetchBoard().catch((error: unknown) => (failure.value = explain(error)));
    return live.watch({ room: "wallboard", refetch: refetchBoard });
  }, []);
  const now = board.value;
  return (
    <div class="board">
      <header class="board-head">
        <h1>{t("wallboard")}</h1>
      </header>
      {!now && <p role={failure.value ? "alert" : "status"}>{failure.value || t("loading")}</p>}
      {now && (
        <>
          <Totals board={now} />
          <QueuesTable queues={now.queues} />
          <Valves valves={now.valves} refetch={refetchBoard} />
          <AgentsTable agents={now.agents} />
        </>
      )}
    </div>
  );
}

function Totals({ board: { queues, agents } }: { board: Board }) {
  const oldest = queues.flatMap((queue) => queue.oldest_enqueued_at ?? []).sort()[0];
  const sum = (field: "waiting" | "active") => queues.reduce((total, queue) => total + queue[field], 0);
  const totals: [string, string | number][] = [
    [t("total_waiting"), sum("waiting")],
    [t("total_oldest"), oldest ? timer(secondsSince(oldest)) : "–"],
    [t("total_active"), sum("active")],
    [t("total_ready"), agents.filter((agent) => agent.state === "ready").length],
  ];
  return (
    <dl class="totals">
      {totals.map(([name, value]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd class="tabular">{value}</dd>
        </div>
      ))}
    </dl>
  );
}

function QueuesTable({ queues }: { queues: QueueRow[] }) {
  if (!queues.length) return <p class="muted">{t("no_queues")}</p>;
  return (
    <section>
      <h2 id="queues-title">{t("queues")}</h2>
      <div class="table-box" tabIndex={0} role="region" aria-labelledby="queues-title">
        <table>
          <thead>
            <tr>
              <th scope="col">{t("queue")}</th>
              <th scope="col" class="number">
                {t("waiting")}
              </th>
              <th scope="col" class="number">
                {t("oldest")}
              </th>
              <th scope="col" class="number">
                {t("offered")}
              </th>
              <th scope="col" class="number">
                {t("active")}
              </th>
              <th scope="col" class="number">
                {t("agents_ready")}
              </th>
            </tr>
          </thead>
          <tbody>
            {queues.map((queue) => (
              <tr key={queue.id}>
                <th scope="row" data-label={t("queue")}>
                  <span class="with-hue">
                    <span class="hue" data-hue={queue.administration.hue} />
                    <span>
                      {queue.name}
                      <span class="muted small">
                        {queue.administration.name} · {queue.campaign.name}
                      </span>
                      <Warning queue={queue} />
                    </span>
                  </span>
                </th>
                <td class="number strong" data-label={t("waiting")}>
                  {queue.waiting}
                </td>
                <td class="number" data-label={t("oldest")}>
                  {queue.oldest_ticket_id ? (
                    <Link to={ticketPath(queue.oldest_ticket_id)}>
                      {timer(secondsSince(queue.oldest_enqueued_at!))}
                      <span class="unseen"> {t("oldest_ticket", { queue: queue.name })}</span>
                    </Link>
                  ) : (
                    "–"
                  )}
                </td>
                <td class="number" data-label={t("offered")}>
                  {queue.offered}
                </td>
                <td class="number" data-label={t("active")}>
                  {queue.active}
                </td>
                <td class="number" data-label={t("agents_ready")}>
                  {queue.agents_ready}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </section>
  );
}

function Warning({ queue }: { queue: QueueRow }) {
  const words = queue.unserved ? t("unserved") : queue.waiting && !queue.agents_ready ? t("nobody_ready") : null;
  if (!words) return null;
  return (
    <span class={queue.unserved ? "warning grave" : "warning"}>
      <Icon name="warning" size={16} /> {words}
    </span>
  );
}

function AgentsTable({ agents }: { agents: AgentRow[] }) {
  const asked = useSignal<AgentRow | null>(null);
  if (!agents.length) return <p class="muted">{t("no_agents")}</p>;
  return (
    <section>
      <h2 id="agents-title">{t("agents")}</h2>
      <div class="table-box" tabIndex={0} role="region" aria-labelledby="agents-title">
        <table>
          <thead>
            <tr>
              <th scope="col">{t("agents")}</th>
              <th scope="col">{t("agent_state")}</th>
              <th scope="col" class="number">
                {t("agent_since")}
              </th>
              <th scope="col">{t("agent_load")}</th>
              <th scope="col">{t("agent_skills")}</th>
              <th scope="col">{t("agent_languages")}</th>
              <th scope="col">
                <span class="unseen">{t("agent_actions")}</span>
              </th>
            </tr>
          </thead>
          <tbody>
            {agents.map((agent) => (
              <AgentLine key={agent.id} agent={agent} onForce={() => (asked.value = agent)} />
            ))}
          </tbody>
        </table>
      </div>
      {asked.value && (
        <ForceStateDialog agent={asked.value} onDone={refetchBoard} onClose={() => (asked.value = null)} />
      )}
    </section>
  );
}

function AgentLine({ agent, onForce }: { agent: AgentRow; onForce: () => void }) {
  const seen = agent.last_seen_at && t("seen", { time: duration(secondsSince(agent.last_seen_at)) });
  return (
    <tr>
      <th scope="row" data-label={t("agents")}>
        {agent.name}
      </th>
      <td data-label={t("agent_state")}>
        <span class="with-dot" title={seen ?? undefined}>
          <span class={`dot ${agent.state}`} />
          <span>
            {word("state", agent.state)}
            {agent.reason && <span class="muted small">{word("reason", agent.reason)}</span>}
          </span>
        </span>
      </td>
      <td class="number" data-label={t("agent_since")}>
        {timer(secondsSince(agent.since))}
      </td>
      <td data-label={t("agent_load")}>
        <LoadMarks channels={agent.channels} />
      </td>
      <td data-label={t("agent_skills")}>
        {Object.entries(agent.skills)
          .map(([skill, level]) => `${skill} ${level}`)
          .join(" · ")}
      </td>
      <td data-label={t("agent_languages")}>{agent.languages.map((tongue) => word("language", tongue)).join(", ")}</td>
      <td class="end">
        <button type="button" class="button" aria-label={t("force_state_of", { name: agent.name })} onClick={onForce}>
          {t("force_state")}
        </button>
      </td>
    </tr>
  );
}
