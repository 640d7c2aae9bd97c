// The season: its peak periods, which have a pace of their own, and by when each zone must be done.
import type { PolicyCohort, PolicyPeak, PolicySeason as Season } from "../api/types";
import { useRef } from "preact/hooks";
import { t } from "../i18n/console";
import { today } from "../i18n/format";
import { Icon } from "../ui/icons";
import { Field, Texts } from "./menu-fields";
import { replaced } from "./plan-fields";
import { DayField, Figures, Tick, Whole } from "./policy-fields";
import type { PolicyStore } from "./policy-store";
import { Remove } from "./remove-button";

const MONTH_MS = 30 * 86_400_000;

/** Three months from *day* on. */
function fresh(day: string): Season {
  const ends_on = new Date(Date.parse(day) + 3 * MONTH_MS).toISOString().slice(0, 10);
  return { begins_on: day, ends_on, peaks: [], cohorts: [] };
}

export function PolicySeason({ store }: { store: PolicyStore }) {
  const { season } = store.document;
  const put = (part: Partial<Season>) => store.change({ season: { ...season!, ...part } });
  // Who takes the tick away and puts it back finds what was written.
  const last = useRef<Season | null>(null);
  if (season) last.current = season;
  return (
    <section aria-labelledby="policy-season">
      <h2 id="policy-season">{t("policy_season")}</h2>
      <Tick
        label={t("policy_has_season")}
        isOn={season !== null}
        onChange={(isOn) =>
          store.change({ season: isOn ? last.current ?? fresh(today(store.timeZone)) : null })
        }
      />
      {season && (
        <>
          <Period store={store} place="season" period={season} onChange={put} />
          <Peaks store={store} season={season} put={put} />
          <Cohorts store={store} season={season} put={put} />
        </>
      )}
    </section>
  );
}

interface PeriodProps {
  store: PolicyStore;
  place: string;
  period: { begins_on: string; ends_on: string };
  onChange: (part: { begins_on?: string; ends_on?: string }) => void;
}

function Period({ store, place, period, onChange }: PeriodProps) {
  return (
    <div class="plan-fields">
      {(["begins_on", "ends_on"] as const).map((name) => (
        <DayField
          key={name}
          store={store}
          place={`${place}.${name}`}
          label={t(`policy_${name}`)}
          value={period[name]}
          onChange={(day) => onChange({ [name]: day })}
        />
      ))}
    </div>
  );
}

interface PartProps {
  store: PolicyStore;
  season: Season;
  put: (part: Partial<Season>) => void;
}

function Peaks({ store, season, put }: PartProps) {
  const { peaks } = season;
  const change = (number: number, part: Partial<PolicyPeak>) =>
    put({ peaks: replaced(peaks, number, { ...peaks[number]!, ...part }) });
  const add = () => {
    const { begins_on, ends_on } = season;
    put({ peaks: [...peaks, { begins_on, ends_on, name: {}, target_wait_seconds: 120, floor_percent: 25 }] });
  };
  return (
    <>
      <h3>{t("policy_peaks")}</h3>
      <p class="muted small">{t("policy_peaks_lead")}</p>
      <Whole store={store} place="season.peaks" />
      <ul class="plan-list">
        {peaks.map((peak, number) => {
          const place = `season.peaks.${number}`;
          return (
            <li key={number} class="card">
              <div class="plan-topic-head">
                <h4>{t("policy_peak_n", { n: number + 1 })}</h4>
                <Remove
                  label={t("policy_remove", { name: t("policy_peak_n", { n: number + 1 }) })}
                  onClick={() => put({ peaks: peaks.filter((_, index) => index !== number) })}
                />
              </div>
              <Texts
                store={store}
                place={`${place}.name`}
                label={t("policy_name")}
                texts={peak.name}
                onChange={(name) => change(number, { name })}
              />
              <Period store={store} place={place} period={peak} onChange={(part) => change(number, part)} />
              <Figures
                store={store}
                place={place}
                values={peak}
                fields={[
                  ["target_wait_seconds", 10, 7200],
                  ["floor_percent", 1, 90],
                ]}
                onChange={(part) => change(number, part)}
              />
            </li>
          );
        })}
      </ul>
      <button type="button" class="button" onClick={add}>
        <Icon name="plus" size={16} /> {t("policy_peak_add")}
      </button>
    </>
  );
}

function Cohorts({ store, season, put }: PartProps) {
  const { cohorts } = season;
  const change = (number: number, part: Partial<PolicyCohort>) =>
    put({ cohorts: replaced(cohorts, number, { ...cohorts[number]!, ...part }) });
  return (
    <>
      <h3>{t("policy_cohorts")}</h3>
      <p class="muted small">{t("policy_cohorts_lead")}</p>
      <Whole store={store} place="season.cohorts" />
      <ul class="plan-list">
        {cohorts.map((cohort, number) => {
          const place = `season.cohorts.${number}`;
          return (
            <li key={number} class="card">
              <div class="plan-fields">
                <Field store={store} place={`${place}.zone`} label={t("policy_zone")} class="number-field">
                  {(control) => (
                    <input
                      {...control}
                      required
                      maxLength={40}
                      value={cohort.zone}
                      onInput={(event) => change(number, { zone: event.currentTarget.value })}
                    />
                  )}
                </Field>
                <DayField
                  store={store}
                  place={`${place}.deadline`}
                  label={t("policy_deadline")}
                  value={cohort.deadline}
                  onChange={(deadline) => change(number, { deadline })}
                />
                <Remove
                  label={t("policy_remove", { name: `${t("policy_zone")} ${cohort.zone}` })}
                  onClick={() => put({ cohorts: cohorts.filter((_, index) => index !== number) })}
                />
              </div>
              <Texts
                store={store}
                place={`${place}.name`}
                label={t("policy_name")}
                texts={cohort.name}
                onChange={(name) => change(number, { name })}
              />
            </li>
          );
        })}
      </ul>
      <button
        type="button"
        class="button"
        onClick={() =>
          put({ cohorts: [...cohorts, { zone: String(cohorts.length + 1), name: {}, deadline: season.ends_on }] })
        }
      >
        <Icon name="plus" size={16} /> {t("policy_cohort_add")}
      </button>
    </>
  );
}
