// What each agent can do: the matrix of skills, and a form for one agent.
import { useSignal } from "@preact/signals";
import { ApiError } from "../api/http";
import type { AgentAbilities, Channel, Language, ShareGroup, SkillMatrix } from "../api/types";
import { t, word } from "../i18n/console";
import { LANGUAGES } from "../i18n/language";
import { Dialog } from "../ui/dialog";
import { DialogActions } from "./dialog-actions";
import { Loaded } from "./loaded";
import { NumberField } from "./number-field";
import { api, explain } from "./session";
import { tell } from "./toast";

const CHANNELS: readonly Channel[] = ["voice", "chat", "sms", "email"];
const LEVELS = [1, 2, 3, 4, 5];
const GROUPS: readonly ShareGroup[] = ["voice", "chat", "deferred"];

export function Skills() {
  return (
    <div class="board">
      <header class="board-head">
        <h1>{t("abilities")}</h1>
        <p class="muted">{t("abilities_lead")}</p>
      </header>
      <Loaded<SkillMatrix> path="/api/v1/skills">
        {(matrix, reload) => <Matrix matrix={matrix} reload={reload} />}
      </Loaded>
    </div>
  );
}

function Matrix({ matrix, reload }: { matrix: SkillMatrix; reload: () => Promise<void> }) {
  const asked = useSignal<string | null>(null);
  const agent = matrix.agents.find((one) => one.id === asked.value);
  if (!matrix.agents.length) return <p class="muted">{t("no_agents")}</p>;
  return (
    <>
      <div class="table-box" tabIndex={0} role="region" aria-label={t("abilities")}>
        <table class="matrix">
          <thead>
            <tr>
              <th scope="col">{t("agents")}</th>
              {matrix.skills.map((skill) => (
                <th key={skill.code} scope="col" class="number" title={usedBy(skill.administrations)}>
                  {skill.name}
                </th>
              ))}
              <th scope="col">{t("agent_languages")}</th>
              <th scope="col">
                <span class="unseen">{t("agent_actions")}</span>
              </th>
            </tr>
          </thead>
          <tbody>
            {matrix.agents.map((one) => (
              <tr key={one.id}>
                <th scope="row">{one.name}</th>
                {matrix.skills.map(({ code, name }) => (
                  <td key={code} class={one.skills[code] ? "number" : "number absent"} data-label={name}>
                    {one.skills[code] ?? <span aria-label={t("ability_none")}>·</span>}
                  </td>
                ))}
                <td data-label={t("agent_languages")}>{one.languages.map((tongue) => word("language", tongue)).join(", ")}</td>
                <td class="end">
                  <button
                    type="button"
                    class="button"
                    aria-label={t("abilities_edit_of", { name: one.name })}
                    onClick={() => (asked.value = one.id)}
                  >
                    {t("abilities_edit")}
                  </button>
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      {agent && (
        <AbilitiesDialog agent={agent} matrix={matrix} reload={reload} onClose={() => (asked.value = null)} />
      )}
    </>
  );
}

function usedBy(administrations: string[]): string {
  return administrations.length ? t("used_by", { names: administrations.join(", ") }) : t("used_by_none");
}

interface AbilitiesDialogProps {
  agent: AgentAbilities;
  matrix: SkillMatrix;
  reload: () => Promise<void>;
  onClose: () => void;
}

function AbilitiesDialog({ agent, matrix, reload, onClose }: AbilitiesDialogProps) {
  const values = useSignal(agent);
  const failure = useSignal("");
  const change = (part: Partial<AgentAbilities>) => (values.value = { ...values.value, ...part });

  async function submit(event: Event) {
    event.preventDefault();
    const { version, languages, skills, capacity, team, shares } = values.value;
    const body = { version, languages, skills, capacity, team: team?.trim() || null, shares };
    try {
      await api.send("PUT", `/api/v1/agents/${agent.id}/abilities`, { body });
      tell(t("abilities_saved", { name: agent.name }));
      onClose();
      await reload();
    } catch (error) {
      failure.value = explain(error);
      if (error instanceof ApiError && error.code === "conflict") await startAgain();
    }
  }

  async function startAgain() {
    const now = await api.get<SkillMatrix>("/api/v1/skills");
    values.value = now.agents.find((one) => one.id === agent.id) ?? values.value;
    failure.value = t("abilities_conflict");
  }

  function level(code: string, chosen: number) {
    const { [code]: _, ...rest } = values.value.skills;
    change({ skills: chosen ? { ...rest, [code]: chosen } : rest });
  }

  return (
    <Dialog title={t("abilities_of", { name: agent.name })} onClose={onClose}>
      <form class="stack" onSubmit={(event) => void submit(event)}>
        <p class={failure.value ? "alert" : ""} role="alert">
          {failure.value}
        </p>
        <ul class="pairs-list">
          {matrix.skills.map(({ code, name, administrations }) => (
            <li key={code} class="ability">
              <label for={`level-${code}`}>
                {name}
                <span class="muted small">{usedBy(administrations)}</span>
              </label>
              <select
                id={`level-${code}`}
                value={values.value.skills[code] ?? 0}
                onChange={(event) => level(code, Number(event.currentTarget.value))}
              >
                <option value={0}>{t("ability_none")}</option>
                {LEVELS.map((n) => (
                  <option key={n} value={n}>
                    {t("ability_level", { n })}
                  </option>
                ))}
              </select>
            </li>
          ))}
        </ul>
        <Tongues spoken={values.value.languages} onChange={(languages) => change({ languages })} />
        <fieldset class="stack">
          <legend class="label">{t("capacity")}</legend>
          <div class="plan-fields">
            {CHANNELS.map((channel) => (
              <NumberField
                key={channel}
                label={word("channel", channel)}
                value={values.value.capacity[channel]}
                max={channel === "voice" ? 1 : 20}
                onChange={(n) => change({ capacity: { ...values.value.capacity, [channel]: n } })}
              />
            ))}
          </div>
        </fieldset>
        <Blend values={values.value} change={change} />
        <DialogActions submit={t("save")} onCancel={onClose} />
      </form>
    </Dialog>
  );
}

interface BlendProps {
  values: AgentAbilities;
  change: (part: Partial<AgentAbilities>) => void;
}

/** How their time is shared out, and the team that queues may let come later. */
function Blend({ values: { team, shares }, change }: BlendProps) {
  return (
    <>
      <fieldset class="stack">
        <legend class="label">{t("shares")}</legend>
        <p class="muted small">{t("shares_hint")}</p>
        <div class="plan-fields">
          {GROUPS.map((group) => (
            <NumberField
              key={group}
              label={t(`share_${group}`)}
              value={shares[group] ?? null}
              max={100}
              isOptional
              onChange={(percent) => {
                const { [group]: _, ...rest } = shares;
                change({ shares: percent === null ? rest : { ...rest, [group]: percent } });
              }}
            />
          ))}
        </div>
      </fieldset>
      <div class="field">
        <label for="agent-team">{t("team")}</label>
        <input
          id="agent-team"
          maxLength={40}
          aria-describedby="agent-team-hint"
          value={team ?? ""}
          onInput={(event) => change({ team: event.currentTarget.value })}
        />
        <p class="hint" id="agent-team-hint">
          {t("team_hint")}
        </p>
      </div>
    </>
  );
}

function Tongues({ spoken, onChange }: { spoken: Language[]; onChange: (spoken: Language[]) => void }) {
  return (
    <fieldset class="stack">
      <legend class="label">{t("languages")}</legend>
      {LANGUAGES.map((tongue) => (
        <label key={tongue} class="check">
          <input
            type="checkbox"
            checked={spoken.includes(tongue)}
            // Somebody who speaks nothing could answer nobody.
            disabled={spoken.length === 1 && spoken[0] === tongue}
            onChange={(event) =>
              onChange(event.currentTarget.checked ? [...spoken, tongue] : spoken.filter((one) => one !== tongue))
            }
          />
          {word("language", tongue)}
        </label>
      ))}
    </fieldset>
  );
}
