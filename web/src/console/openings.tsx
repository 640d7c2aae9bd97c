// Hours, any number of intervals a day; of a single day, without the weekday.
import type { DayOpening } from "../api/types";
import { t } from "../i18n/console";
import { weekday } from "../i18n/format";
import { type Edited, Field } from "./menu-fields";
import { replaced } from "./plan-fields";
import { Remove } from "./remove-button";
import { Typed } from "./typed";

const DAYS = [0, 1, 2, 3, 4, 5, 6];

interface OpeningsProps<O extends DayOpening> {
  store: Edited;
  /** In the document: `hours.voice`. */
  place: string;
  openings: readonly O[];
  max: number;
  onChange: (openings: O[]) => void;
}

/** *openings*: one at least, which the next begins as. */
export function Openings<O extends DayOpening & { day?: number }>({ store, place, openings, max, onChange }: OpeningsProps<O>) {
  const last = openings.at(-1)!;
  return (
    <>
      <ul class="menu-openings">
        {openings.map((one, number) => (
          <li key={number} class="plan-fields">
            {one.day !== undefined && (
              <Field store={store} place={`${place}.${number}.day`} label={t("menu_day")}>
                {(control) => (
                  <select
                    {...control}
                    value={one.day}
                    onChange={(event) =>
                      onChange(replaced(openings, number, { ...one, day: Number(event.currentTarget.value) }))
                    }
                  >
                    {DAYS.map((day) => (
                      <option key={day} value={day}>
                        {weekday(day)}
                      </option>
                    ))}
                  </select>
                )}
              </Field>
            )}
            {(["opens", "closes"] as const).map((name) => (
              <Field key={name} store={store} place={`${place}.${number}.${name}`} label={t(`menu_${name}`)}>
                {(control) => (
                  <Typed
                    {...control}
                    type="time"
                    required
                    value={one[name]}
                    onTyped={(time) => time && onChange(replaced(openings, number, { ...one, [name]: time }))}
                  />
                )}
              </Field>
            ))}
            <Remove
              label={removal(one)}
              onClick={() => onChange(openings.filter((_, index) => index !== number))}
            />
          </li>
        ))}
      </ul>
      {openings.length < max && (
        <button
          type="button"
          class="button link"
          onClick={() =>
            onChange([...openings, last.day === undefined ? last : { ...last, day: (last.day + 1) % 7 }])
          }
        >
          {t("menu_hours_add")}
        </button>
      )}
    </>
  );
}

function removal({ day, opens: from, closes: to }: DayOpening & { day?: number }): string {
  if (day === undefined) return t("policy_remove", { name: t("menu_hours_of_day", { from, to }) });
  return t("menu_hours_remove", { day: weekday(day), from, to });
}
