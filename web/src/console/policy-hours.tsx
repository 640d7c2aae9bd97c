// When the campaign can be reached: channels, hours, the calendar of holidays, and days that go before all of it.
import type { Channel, PolicyDay, PolicyDocument } from "../api/types";
import { type Key, t, word } from "../i18n/console";
import { fullDate, today } from "../i18n/format";
import { Icon } from "../ui/icons";
import { Field, Texts } from "./menu-fields";
import { Openings } from "./openings";
import { replaced } from "./plan-fields";
import { DayField, Fold, Tick, Whole } from "./policy-fields";
import type { PolicyStore } from "./policy-store";
import { Remove } from "./remove-button";

const CHANNELS: readonly Channel[] = ["voice", "sms", "email", "chat"];
const ATTENDED = ["voice", "relay", "chat"] as const;
const TERRITORIES = ["FR", "FR-AM", "GP", "MQ", "GF", "RE", "YT", "PM", "BL", "MF", "NC", "PF", "WF"];
const WEEK = [0, 1, 2, 3, 4].map((day) => ({ day, opens: "09:00", closes: "17:00" }));

export function PolicyHours({ store }: { store: PolicyStore }) {
  const { channels, hours, territory } = store.document;
  const put = (part: Partial<PolicyDocument>) => store.change(part);
  return (
    <section aria-labelledby="policy-hours">
      <h2 id="policy-hours">{t("policy_hours")}</h2>
      <p class="muted small">{t("policy_hours_lead", { zone: store.inForce.value!.time_zone })}</p>
      <fieldset class="policy-ticks">
        <legend>{t("policy_channels")}</legend>
        {CHANNELS.map((one) => (
          <Tick
            key={one}
            label={word("channel", one)}
            isOn={channels[one]}
            onChange={(isOn) => put({ channels: { ...channels, [one]: isOn } })}
          />
        ))}
      </fieldset>
      {ATTENDED.map((what) => (
        <Hours
          key={what}
          store={store}
          place={`hours.${what}`}
          title={t(`policy_hours_${what}`)}
          openings={hours[what]}
          onChange={(openings) => put({ hours: { ...hours, [what]: openings } })}
        />
      ))}
      <Field store={store} place="territory" label={t("policy_territory")} hint={t("policy_territory_hint")}>
        {(control) => (
          <select {...control} value={territory} onChange={(event) => put({ territory: event.currentTarget.value })}>
            {TERRITORIES.map((one) => (
              <option key={one} value={one}>
                {t(`policy_territory_${one}` as Key)}
              </option>
            ))}
          </select>
        )}
      </Field>
      <SpecialDays store={store} />
    </section>
  );
}

interface HoursProps {
  store: PolicyStore;
  place: string;
  title: string;
  openings: PolicyDocument["hours"]["voice"];
  onChange: (openings: PolicyDocument["hours"]["voice"]) => void;
}

/** The hours of a week. */
export function Hours({ store, place, title, openings, onChange }: HoursProps) {
  return (
    <Fold store={store} place={place} title={title}>
      <Whole store={store} place={place} />
      {openings.length ? (
        <Openings store={store} place={place} openings={openings} max={42} onChange={onChange} />
      ) : (
        <button type="button" class="button" onClick={() => onChange(WEEK)}>
          {t("menu_set_hours")}
        </button>
      )}
    </Fold>
  );
}

function SpecialDays({ store }: { store: PolicyStore }) {
  const days = store.document.special_days;
  const put = (next: PolicyDay[]) => store.change({ special_days: next });
  return (
    <>
      <h3>{t("policy_days")}</h3>
      <p class="muted small">{t("policy_days_lead")}</p>
      <Whole store={store} place="special_days" />
      <ul class="plan-list">
        {days.map((one, number) => (
          <Day
            key={number}
            store={store}
            place={`special_days.${number}`}
            day={one}
            onChange={(next) => put(replaced(days, number, next))}
            onRemove={() => put(days.filter((_, index) => index !== number))}
          />
        ))}
      </ul>
      <button
        type="button"
        class="button"
        onClick={() => put([...days, { date: today(store.timeZone), name: {}, openings: [] }])}
      >
        <Icon name="plus" size={16} /> {t("policy_day_add")}
      </button>
    </>
  );
}

interface DayProps {
  store: PolicyStore;
  place: string;
  day: PolicyDay;
  onChange: (day: PolicyDay) => void;
  onRemove: () => void;
}

function Day({ store, place, day, onChange, onRemove }: DayProps) {
  return (
    <li class="card">
      <div class="plan-topic-head">
        <DayField
          store={store}
          place={`${place}.date`}
          label={t("policy_day")}
          value={day.date}
          onChange={(date) => onChange({ ...day, date })}
        />
        <Remove label={t("policy_remove", { name: fullDate(day.date) })} onClick={onRemove} />
      </div>
      <Texts
        store={store}
        place={`${place}.name`}
        label={t("policy_name")}
        texts={day.name}
        onChange={(name) => onChange({ ...day, name })}
      />
      <Whole store={store} place={`${place}.openings`} />
      {day.openings.length ? (
        <Openings
          store={store}
          place={`${place}.openings`}
          openings={day.openings}
          max={4}
          onChange={(openings) => onChange({ ...day, openings })}
        />
      ) : (
        <p>
          {t("policy_closed_all_day")}{" "}
          <button
            type="button"
            class="button link"
            onClick={() => onChange({ ...day, openings: [{ opens: "09:00", closes: "12:00" }] })}
          >
            {t("policy_day_open")}
          </button>
        </p>
      )}
    </li>
  );
}
