// Fields of the plan's editor: a name in two languages, a number within bounds, and what is wrong at a place.
import { useId } from "preact/hooks";
import type { Names } from "../api/types";
import { t } from "../i18n/console";
import type { DraftStore, Published } from "./draft-store";

interface NumberFieldProps {
  label: string;
  value: number | undefined;
  max: number;
  min?: number;
  hint?: string;
  isOptional?: boolean;
  isDisabled?: boolean;
  onChange: (value: number | undefined) => void;
}

export function NumberField({ label, value, min = 0, max, hint, isOptional, isDisabled, onChange }: NumberFieldProps) {
  const id = useId();
  return (
    <div class="field number-field">
      <label for={id}>{label}</label>
      <input
        id={id}
        type="number"
        inputMode="numeric"
        min={min}
        max={max}
        required={!isOptional}
        disabled={isDisabled}
        aria-describedby={hint ? `${id}-hint` : undefined}
        value={value ?? ""}
        onChange={(event) => {
          const typed = event.currentTarget.valueAsNumber;
          onChange(Number.isNaN(typed) ? undefined : Math.trunc(typed));
        }}
      />
      {hint && (
        <p class="hint" id={`${id}-hint`}>
          {hint}
        </p>
      )}
    </div>
  );
}

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
