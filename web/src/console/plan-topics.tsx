// The topics of a routing plan, each with the steps by which what it asks relaxes, and who could answer.
import { useId } from "preact/hooks";
import type { Coverage, PlanSkill, PlanStep, PlanTopic } from "../api/types";
import { t, word } from "../i18n/console";
import { Icon } from "../ui/icons";
import { MoveButtons, moved } from "./move-buttons";
import { NumberField } from "./number-field";
import { Faults, NamesFields, replaced } from "./plan-fields";
import { named, newId, type PlanStore } from "./plan-store";
import { Remove } from "./remove-button";

const DAY_SECONDS = 86_400;
const STEPS_MAX = 8;

export function TopicsEditor({ store }: { store: PlanStore }) {
  const { topics, queues } = store.document;
  const put = (place: number, topic: PlanTopic) => store.change({ topics: replaced(topics, place, topic) });
  const move = (from: number, to: number) => store.change({ topics: moved(topics, from, to) });
  const first: PlanStep = { after_seconds: 0, skills: {}, language: true };
  return (
    <section aria-labelledby="plan-topics">
      <h2 id="plan-topics">{t("topics")}</h2>
      <p class="muted small">{t("plan_topics_lead")}</p>
      <Faults store={store} place="queues" />
      <ol class="plan-list">
        {topics.map((topic, place) => (
          <li key={topic.id} class={topic.is_retired ? "card past" : "card"}>
            <div class="plan-topic-head">
              <h3>{named(topic.name)}</h3>
              <span class="with-dot">
                <MoveButtons name={named(topic.name)} place={place} last={topics.length - 1} move={move} />
              </span>
            </div>
            <Faults store={store} place={`topics.${place}`} />
            <TopicFields store={store} topic={topic} onChange={(next) => put(place, next)} />
            <StepsEditor topic={topic} skills={store.document.skills} onChange={(steps) => put(place, { ...topic, steps })} />
            <CoverageLines coverage={store.coverage.filter((one) => one.topic === topic.id)} />
          </li>
        ))}
      </ol>
      <button
        type="button"
        class="button"
        onClick={() =>
          store.change({
            topics: [
              ...topics,
              { id: newId(), name: { fr: "" }, queue: queues[0]!.id, priority: 0, affinity_seconds: 0, is_retired: false, steps: [first] },
            ],
          })
        }
      >
        <Icon name="plus" size={16} /> {t("plan_topic_new")}
      </button>
    </section>
  );
}

interface TopicFieldsProps {
  store: PlanStore;
  topic: PlanTopic;
  onChange: (topic: PlanTopic) => void;
}

function TopicFields({ store, topic, onChange }: TopicFieldsProps) {
  const id = useId();
  return (
    <>
      <div class="plan-fields">
        <NamesFields name={topic.name} onChange={(name) => onChange({ ...topic, name })} />
        <div class="field">
          <label for={id}>{t("topic_queue")}</label>
          <select id={id} value={topic.queue} onChange={(event) => onChange({ ...topic, queue: event.currentTarget.value })}>
            {store.document.queues.map((queue) => (
              <option key={queue.id} value={queue.id}>
                {named(queue.name)}
              </option>
            ))}
          </select>
        </div>
        <NumberField
          label={t("topic_priority")}
          hint={t("topic_priority_hint")}
          value={topic.priority}
          max={20}
          onChange={(priority) => onChange({ ...topic, priority })}
        />
        <NumberField
          label={t("topic_affinity")}
          hint={t("topic_affinity_hint")}
          value={topic.affinity_seconds}
          max={DAY_SECONDS}
          onChange={(affinity_seconds) => onChange({ ...topic, affinity_seconds })}
        />
      </div>
      <label class="check">
        <input
          type="checkbox"
          checked={topic.is_retired}
          onChange={(event) => onChange({ ...topic, is_retired: event.currentTarget.checked })}
        />
        {t("topic_retired")}
      </label>
    </>
  );
}

interface StepsEditorProps {
  topic: PlanTopic;
  skills: PlanSkill[];
  onChange: (steps: PlanStep[]) => void;
}

function StepsEditor({ topic: { steps }, skills, onChange }: StepsEditorProps) {
  const put = (place: number, step: PlanStep) => onChange(replaced(steps, place, step));
  const last = steps.at(-1)!;
  return (
    <>
      <ol class="plan-steps" aria-label={t("steps")}>
        {steps.map((step, place) => (
          <li key={place}>
            <fieldset>
              <legend>{t("step_n", { n: place + 1 })}</legend>
              <div class="plan-fields">
                <NumberField
                  label={t("step_after")}
                  value={step.after_seconds}
                  max={DAY_SECONDS}
                  isDisabled={place === 0}
                  onChange={(after_seconds) => put(place, { ...step, after_seconds })}
                />
                <StepSkills step={step} skills={skills} onChange={(next) => put(place, next)} />
                <label class="check">
                  <input
                    type="checkbox"
                    checked={step.language}
                    onChange={(event) => put(place, { ...step, language: event.currentTarget.checked })}
                  />
                  {t("step_language")}
                </label>
                {place > 0 && (
                  <Remove
                    label={t("step_remove", { n: place + 1 })}
                    onClick={() => onChange(steps.filter((_, index) => index !== place))}
                  />
                )}
              </div>
            </fieldset>
          </li>
        ))}
      </ol>
      {steps.length < STEPS_MAX && (
        <button
          type="button"
          class="button link"
          onClick={() => onChange([...steps, { ...last, after_seconds: last.after_seconds + 60 }])}
        >
          {t("step_new")}
        </button>
      )}
    </>
  );
}

function StepSkills({ step, skills, onChange }: { step: PlanStep; skills: PlanSkill[]; onChange: (step: PlanStep) => void }) {
  const id = useId();
  const asked = Object.entries(step.skills);
  const free = skills.filter((skill) => skill.code && !(skill.code in step.skills));
  const nameOf = (code: string) => {
    const skill = skills.find((one) => one.code === code);
    return skill ? named(skill.name) : code;
  };
  return (
    <div class="plan-skills">
      {!asked.length && <p class="muted small">{t("skill_any")}</p>}
      {asked.map(([code, level]) => (
        <p key={code} class="plan-skill">
          <label for={`${id}-${code}`}>{nameOf(code)}</label>
          <select
            id={`${id}-${code}`}
            aria-description={t("skill_level")}
            value={level}
            onChange={(event) => onChange({ ...step, skills: { ...step.skills, [code]: Number(event.currentTarget.value) } })}
          >
            {[1, 2, 3, 4, 5].map((one) => (
              <option key={one} value={one}>
                ≥ {one}
              </option>
            ))}
          </select>
          <Remove
            label={t("skill_remove", { name: nameOf(code) })}
            onClick={() => {
              const { [code]: _, ...rest } = step.skills;
              onChange({ ...step, skills: rest });
            }}
          />
        </p>
      ))}
      {free.length > 0 && (
        <select
          aria-label={t("skill_add")}
          value=""
          onChange={(event) => onChange({ ...step, skills: { ...step.skills, [event.currentTarget.value]: 1 } })}
        >
          <option value="" disabled>
            {t("skill_add")}…
          </option>
          {free.map((skill) => (
            <option key={skill.code} value={skill.code}>
              {named(skill.name)}
            </option>
          ))}
        </select>
      )}
    </div>
  );
}

export function CoverageLines({ coverage }: { coverage: Coverage[] }) {
  if (!coverage.length) return null;
  return (
    <ul class="plan-coverage small" aria-label={t("coverage")}>
      {coverage.map(({ language, channel, agents_first, agents_last }) => (
        <li key={`${language}-${channel}`} class={agents_last ? "" : "warning grave"}>
          {!agents_last && <Icon name="warning" size={16} />}
          {t("coverage_of", {
            channel: word("channel", channel),
            language: word("language", language),
            who: agents_last
              ? `${t("coverage_first", { n: agents_first })}, ${t("coverage_last", { n: agents_last })}`
              : t("coverage_none"),
          })}
        </li>
      ))}
    </ul>
  );
}
