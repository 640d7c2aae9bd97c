// The skills that a routing plan's topics ask for.
import type { PlanSkill } from "../api/types";
import { t } from "../i18n/console";
import { Icon } from "../ui/icons";
import { Faults, NamesFields, replaced } from "./plan-fields";
import type { PlanStore } from "./plan-store";
import { Typed } from "./typed";

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
                <Typed
                  id={`skill-code-${place}`}
                  required
                  maxLength={40}
                  pattern="[a-z][a-z0-9\-]{1,39}"
                  readOnly={isKnown}
                  value={skill.code}
                  onTyped={(code) => put(place, { ...skill, code: code.trim() })}
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
