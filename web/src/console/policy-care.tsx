// Who always passes, how callbacks are made, limits and follow-up, what is said, and whether two publish.
import type { PolicyDocument } from "../api/types";
import { type Key, t } from "../i18n/console";
import { Field, Texts } from "./menu-fields";
import { NumberField } from "./number-field";
import { Figures, Fold, Tick } from "./policy-fields";
import { Hours } from "./policy-hours";
import type { PolicyStore } from "./policy-store";

const WINDOWS = [30, 60, 120, 240];
/** What each text must name is in the text itself, in braces; the server says what is missing. */
const TEXTS = [
  ...["advise", "throttle", "essential_only", "closed", "need", "callback", "callback_window"],
  ...["sms_link_offer", "sms_link", "chat", "voicemail", "quiet_hours", "article", "chat_full"],
];

export function PolicyExemptions({ store }: { store: PolicyStore }) {
  const told = store.document.exemptions;
  const put = (part: Partial<PolicyDocument["exemptions"]>) => store.change({ exemptions: { ...told, ...part } });
  const topics = store.inForce.value!.topics;
  return (
    <section aria-labelledby="policy-exemptions">
      <h2 id="policy-exemptions">{t("policy_exemptions")}</h2>
      <p class="muted small">{t("policy_exemptions_lead")}</p>
      <div class="policy-ticks">
        {(["promise_broken", "returns_our_call", "declared_need"] as const).map((name) => (
          <Tick key={name} label={t(`policy_${name}`)} isOn={told[name]} onChange={(isOn) => put({ [name]: isOn })} />
        ))}
      </div>
      <div class="plan-fields">
        <NumberField
          store={store}
          place="exemptions.declared_need_percent_max"
          label={t("policy_declared_need_percent_max")}
          value={told.declared_need_percent_max}
          min={1}
          max={100}
          onChange={(value) => put({ declared_need_percent_max: value })}
        />
        <NumberField
          store={store}
          place="exemptions.deadline_days"
          label={t("policy_deadline_days")}
          hint={t("policy_deadline_days_hint")}
          value={told.deadline_days}
          min={0}
          max={60}
          isOptional
          onChange={(deadline_days) => put({ deadline_days })}
        />
      </div>
      <fieldset class="policy-ticks">
        <legend>{t("policy_safety_topics")}</legend>
        {[...topics, ...gone(told.safety_topics, topics)].map(({ slug, name }) => (
          <Tick
            key={slug}
            label={name}
            isOn={told.safety_topics.includes(slug)}
            onChange={(isOn) =>
              put({ safety_topics: isOn ? [...told.safety_topics, slug] : told.safety_topics.filter((one) => one !== slug) })
            }
          />
        ))}
        {store.faultsAt("exemptions.safety_topics").map((sentence) => (
          <p key={sentence} class="error">
            {sentence}
          </p>
        ))}
      </fieldset>
    </section>
  );
}

/** Topics that the document still names and the campaign has no more. */
function gone(slugs: string[], topics: { slug: string }[]): { slug: string; name: string }[] {
  return slugs.filter((slug) => !topics.some((one) => one.slug === slug)).map((slug) => ({ slug, name: slug }));
}

export function PolicyCallbacks({ store }: { store: PolicyStore }) {
  const { callbacks } = store.document;
  const put = (part: Partial<PolicyDocument["callbacks"]>) => store.change({ callbacks: { ...callbacks, ...part } });
  return (
    <section aria-labelledby="policy-callbacks">
      <h2 id="policy-callbacks">{t("policy_callbacks")}</h2>
      <Hours
        store={store}
        place="callbacks.openings"
        title={t("policy_hours_callbacks")}
        openings={callbacks.openings}
        onChange={(openings) => put({ openings })}
      />
      <Field store={store} place="callbacks.window_minutes" label={t("policy_window_minutes")} class="number-field">
        {(control) => (
          <select
            {...control}
            value={callbacks.window_minutes}
            onChange={(event) => put({ window_minutes: Number(event.currentTarget.value) })}
          >
            {WINDOWS.map((one) => (
              <option key={one} value={one}>
                {one}
              </option>
            ))}
          </select>
        )}
      </Field>
      <Figures
        store={store}
        place="callbacks"
        values={callbacks}
        fields={[
          ["per_quarter", 0, 10_000],
          ["no_show_percent", 0, 90],
          ["overbooking_percent_max", 0, 100],
          ["attempts", 1, 5],
          ["retry_minutes", 5, 1440],
          ["days_ahead", 0, 30],
        ]}
        onChange={put}
      />
    </section>
  );
}

export function PolicyLimits({ store }: { store: PolicyStore }) {
  const { limits, follow_up } = store.document;
  return (
    <section aria-labelledby="policy-limits">
      <h2 id="policy-limits">{t("policy_limits")}</h2>
      <Figures
        store={store}
        place="limits"
        values={limits}
        fields={[
          ["chats_waiting_max", 1, 10_000],
          ["chat_answer_hours", 1, 720],
          ["links_per_hour", 1, 100_000],
          ["links_per_caller_day", 1, 10],
          ["text_answer_hours", 1, 720],
        ]}
        onChange={(part) => store.change({ limits: { ...limits, ...part } })}
      />
      <Figures
        store={store}
        place="follow_up"
        values={follow_up}
        fields={[
          ["link_hours", 1, 240],
          ["recontact_days", 1, 60],
        ]}
        onChange={(part) => store.change({ follow_up: { ...follow_up, ...part } })}
      />
    </section>
  );
}

export function PolicyTexts({ store }: { store: PolicyStore }) {
  const { texts, needs_second_person } = store.document;
  return (
    <section aria-labelledby="policy-texts">
      <h2 id="policy-texts">{t("policy_texts")}</h2>
      <p class="muted small">{t("policy_texts_lead")}</p>
      <Fold store={store} place="texts" title={t("policy_texts_show")}>
        {TEXTS.map((name) => (
          <Texts
            key={name}
            store={store}
            place={`texts.${name}`}
            label={t(`policy_text_${name}` as Key)}
            texts={texts[name]!}
            isLong
            max={400}
            onChange={(next) => store.change({ texts: { ...texts, [name]: next } })}
          />
        ))}
      </Fold>
      <Tick
        label={t("policy_needs_second_person")}
        isOn={needs_second_person}
        onChange={(isOn) => store.change({ needs_second_person: isOn })}
      />
    </section>
  );
}
