// When the offices are open, what is said when they are not, and whether a message can be left.
import { useSignal } from "@preact/signals";
import type { MenuOpening } from "../api/types";
import { t } from "../i18n/console";
import { fullDate } from "../i18n/format";
import { Field, Texts } from "./menu-fields";
import type { MenuStore } from "./menu-store";
import { Openings } from "./openings";
import { Remove } from "./remove-button";

const WORKING_WEEK: MenuOpening[] = [0, 1, 2, 3, 4].map((day) => ({ day, opens: "09:00", closes: "17:00" }));

export function HoursEditor({ store }: { store: MenuStore }) {
  const { closed, voicemail, takes_messages } = store.document;
  return (
    <section aria-labelledby="menu-hours">
      <h2 id="menu-hours">{t("menu_hours")}</h2>
      <p class="muted small">{t("menu_hours_lead")}</p>
      <MenuOpenings store={store} />
      <DaysOff store={store} />
      <Texts
        store={store}
        place="closed"
        label={t("menu_closed")}
        texts={closed}
        isLong
        onChange={(texts) => store.change({ closed: texts })}
      />
      <label class="check">
        <input
          type="checkbox"
          checked={takes_messages}
          onChange={(event) => store.change({ takes_messages: event.currentTarget.checked })}
        />
        {t("menu_takes_messages")}
      </label>
      <Texts
        store={store}
        place="voicemail"
        label={t("menu_voicemail")}
        texts={voicemail}
        isLong
        onChange={(texts) => store.change({ voicemail: texts })}
      />
    </section>
  );
}

function MenuOpenings({ store }: { store: MenuStore }) {
  const { openings } = store.document;
  const put = (next: MenuOpening[]) => store.change({ openings: next });
  if (openings.length) return <Openings store={store} place="openings" openings={openings} max={28} onChange={put} />;
  return (
    <div class="menu-always">
      <p>{t("menu_always_open")}</p>
      <button type="button" class="button" onClick={() => put(WORKING_WEEK)}>
        {t("menu_set_hours")}
      </button>
    </div>
  );
}

function DaysOff({ store }: { store: MenuStore }) {
  const { closed_on } = store.document;
  const typed = useSignal("");
  function add() {
    if (!typed.value || closed_on.includes(typed.value)) return;
    store.change({ closed_on: [...closed_on, typed.value].sort() });
    typed.value = "";
  }
  return (
    <div class="menu-days-off">
      <div class="plan-fields">
        <Field store={store} place="closed_on" label={t("menu_closed_on")} hint={t("menu_closed_on_hint")}>
          {(control) => (
            <input
              {...control}
              type="date"
              value={typed.value}
              onInput={(event) => (typed.value = event.currentTarget.value)}
              onKeyDown={(event) => {
                if (event.key !== "Enter") return;
                event.preventDefault();
                add();
              }}
            />
          )}
        </Field>
        <button type="button" class="button" onClick={add}>
          {t("menu_closed_on_add")}
        </button>
      </div>
      <ul class="menu-dates">
        {closed_on.map((date) => (
          <li key={date} class="chip">
            {fullDate(date)}
            <Remove
              label={t("menu_closed_on_remove", { date: fullDate(date) })}
              onClick={() => store.change({ closed_on: closed_on.filter((one) => one !== date) })}
            />
          </li>
        ))}
      </ul>
    </div>
  );
}
