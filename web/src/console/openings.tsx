// Hours, any number of intervals a day; of a single day, without the weekday.
import type { DayOpening } from "../api/types";
import { t } from "../i18n/console";
import { weekday } from "../i18n/format";
import { Icon } from "../ui/icons";
import { type Edited, Field } from "./menu-fields";
import { replaced } from "./plan-fields";

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
                  <input
                    {...control}
                    type="time"
                    required
                    value={one[name]}
                    onChange={(event) =>
                      event.currentTarget.value &&
                      onChange(replaced(openings, number, { ...one, [name]: event.currentTarget.value }))
                    }
                  />
                )}
              </Field>
            ))}
            <button
              type="button"
              class="button quiet icon"
              aria-label={t("menu_hours_remove", {
                day: one.day === undefined ? "" : weekday(one.day),
                from: one.opens,
                to: one.closes,
              })}
              onClick={() => onChange(openings.filter((_, index) => index !== number))}
            >
              <Icon name="close" size={16} />
            </button>
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
