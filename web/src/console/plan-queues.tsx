// The queues and the skills of a routing plan.
import type { Channel, PlanQueue, PlanSkill } from "../api/types";
import { t, word } from "../i18n/console";
import { Icon } from "../ui/icons";
import { Faults, NamesFields, NumberField, replaced } from "./plan-fields";
import { newId, type PlanStore } from "./plan-store";

const DAY_SECONDS = 86_400;

export function QueuesEditor({ store }: { store: PlanStore }) {
  const { queues } = store.document;
  const put = (place: number, queue: PlanQueue) => store.change({ queues: replaced(queues, place, queue) });
  return (
    <section aria-labelledby="plan-queues">
      <h2 id="plan-queues">{t("queues")}</h2>
      <p class="muted small">{t("plan_queues_lead")}</p>
      <ul class="plan-list">
        {queues.map((queue, place) => (
          <li key={queue.id} class="card">
            <Faults store={store} place={`queues.${place}`} />
            <QueueFields queue={queue} channels={store.plan.value!.channels} onChange={(next) => put(place, next)} />
          </li>
        ))}
      </ul>
      <button
        type="button"
        class="button"
        onClick={() =>
          store.change({
            queues: [
              ...queues,
              { id: newId(), name: { fr: "" }, offer_seconds: 20, wrap_up_seconds: 60, target_seconds: {} },
            ],
          })
        }
      >
        <Icon name="plus" size={16} /> {t("plan_queue_new")}
      </button>
    </section>
  );
}

interface QueueFieldsProps {
  queue: PlanQueue;
  channels: readonly Channel[];
  onChange: (queue: PlanQueue) => void;
}

function QueueFields({ queue, channels, onChange }: QueueFieldsProps) {
  return (
    <div class="plan-fields">
      <NamesFields name={queue.name} onChange={(name) => onChange({ ...queue, name })} />
      <NumberField
        label={t("offer_seconds")}
        value={queue.offer_seconds}
        min={5}
        max={300}
        onChange={(seconds) => onChange({ ...queue, offer_seconds: seconds ?? queue.offer_seconds })}
      />
      <NumberField
        label={t("wrap_up_seconds")}
        value={queue.wrap_up_seconds}
        max={3600}
        onChange={(seconds) => onChange({ ...queue, wrap_up_seconds: seconds ?? queue.wrap_up_seconds })}
      />
      {channels.map((channel) => (
        <NumberField
          key={channel}
          label={t("target_of", { channel: word("channel", channel) })}
          value={queue.target_seconds[channel] ?? 0}
          max={7 * DAY_SECONDS}
          onChange={(seconds) =>
            onChange({ ...queue, target_seconds: { ...queue.target_seconds, [channel]: seconds ?? 0 } })
          }
        />
      ))}
    </div>
  );
}

export function SkillsEditor({ store }: { store: PlanStore }) {
  const { skills } = store.document;
  const put = (place: number, skill: PlanSkill) => store.change({ skills: replaced(skills, place, skill) });
  return (
    <section aria-labelledby="plan-skills">
      <h2 id="plan-skills">{t("agent_skills")}</h2>
      <p class="muted small">{t("plan_skills_lead")}</p>
      <Faults store={store} place="skills" />
      <ul class="plan-list card">
        {skills.map((skill, place) => {
          const isKnown = store.plan.value!.document.skills.some((one) => one.code === skill.code);
          return (
            <li key={place} class="plan-fields">
              <div class="field">
                <label for={`skill-code-${place}`}>{t("skill_code")}</label>
                <input
                  id={`skill-code-${place}`}
                  required
                  maxLength={40}
                  pattern="[a-z][a-z0-9\-]{1,39}"
                  readOnly={isKnown}
                  value={skill.code}
                  onChange={(event) => put(place, { ...skill, code: event.currentTarget.value.trim() })}
                />
              </div>
              <NamesFields name={skill.name} onChange={(name) => put(place, { ...skill, name })} />
            </li>
          );
        })}
      </ul>
      <button
        type="button"
        class="button"
        onClick={() => store.change({ skills: [...skills, { code: "", name: { fr: "" } }] })}
      >
        <Icon name="plus" size={16} /> {t("plan_skill_new")}
      </button>
    </section>
  );
}
