// Fields of the plan's editor: a name in two languages, and what is wrong at a place.
import { useId } from "preact/hooks";
import type { Names } from "../api/types";
import { t } from "../i18n/console";
import type { DraftStore, Published } from "./draft-store";

export function NamesFields({ name, onChange }: { name: Names; onChange: (name: Names) => void }) {
  const id = useId();
  return (
    <>
      <div class="field">
        <label for={`${id}-fr`}>{t("name_fr")}</label>
        <input
          id={`${id}-fr`}
          lang="fr"
          required
          maxLength={80}
          value={name.fr}
          onInput={(event) => onChange({ ...name, fr: event.currentTarget.value })}
        />
      </div>
      <div class="field">
        <label for={`${id}-en`}>{t("name_en")}</label>
        <input
          id={`${id}-en`}
          lang="en"
          maxLength={80}
          value={name.en ?? ""}
          onInput={(event) => {
            const { en: _, ...rest } = name;
            const typed = event.currentTarget.value;
            onChange(typed.trim() ? { ...rest, en: typed } : rest);
          }}
        />
      </div>
    </>
  );
}

/** What the server found wrong at a place of the document, or below it. */
export function Faults<D extends object>({ store, place }: { store: DraftStore<D, Published<D>>; place: string }) {
  const found = store.faultsAt(place);
  if (!found.length) return null;
  return (
    <ul class="alert" role="alert">
      {found.map((sentence) => (
        <li key={sentence}>{sentence}</li>
      ))}
    </ul>
  );
}

export function replaced<T>(list: readonly T[], place: number, one: T): T[] {
  return list.map((other, index) => (index === place ? one : other));
}
