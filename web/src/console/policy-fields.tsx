// Fields of the policy's editor: figures, dates and ticks of one part of the document, with what is wrong at each.
import type { ComponentChildren } from "preact";
import { useEffect, useRef } from "preact/hooks";
import { type Key, t } from "../i18n/console";
import { Field } from "./menu-fields";
import { NumberField } from "./number-field";
import type { PolicyStore } from "./policy-store";
import { Typed } from "./typed";

interface FiguresProps<N extends string> {
  store: PolicyStore;
  /** The part of the document that they lie in. */
  place: string;
  values: Record<N, number>;
  /** Name, least and most; labels are `policy_<name>`. */
  fields: readonly (readonly [N, number, number])[];
  onChange: (part: Partial<Record<N, number>>) => void;
}

export function Figures<N extends string>({ store, place, values, fields, onChange }: FiguresProps<N>) {
  return (
    <div class="plan-fields">
      {fields.map(([name, min, max]) => (
        <NumberField
          key={name}
          store={store}
          place={`${place}.${name}`}
          label={t(`policy_${name}` as Key)}
          value={values[name]}
          min={min}
          max={max}
          onChange={(value) => onChange({ [name]: value } as Partial<Record<N, number>>)}
        />
      ))}
    </div>
  );
}

interface DayFieldProps {
  store: PolicyStore;
  place: string;
  label: string;
  value: string;
  onChange: (value: string) => void;
}

export function DayField({ store, place, label, value, onChange }: DayFieldProps) {
  return (
    <Field store={store} place={place} label={label}>
      {(control) => (
        <Typed {...control} type="date" required value={value} onTyped={(day) => day && onChange(day)} />
      )}
    </Field>
  );
}

export function Tick({ label, isOn, onChange }: { label: string; isOn: boolean; onChange: (isOn: boolean) => void }) {
  return (
    <label class="check">
      <input type="checkbox" checked={isOn} onChange={(event) => onChange(event.currentTarget.checked)} />
      {label}
    </label>
  );
}

/** What is wrong with a list as a whole, before its things. */
export function Whole({ store, place }: { store: PolicyStore; place: string }) {
  const found = store.faults.value[place];
  return found ? <p class="error">{found.join(" ")}</p> : null;
}

interface FoldProps {
  store: PolicyStore;
  /** What lies inside, in the document. */
  place: string;
  title: string;
  children: ComponentChildren;
}

/** Folded away until something inside is wrong; then it stays open, for one is writing there. */
export function Fold({ store, place, title, children }: FoldProps) {
  const ref = useRef<HTMLDetailsElement>(null);
  const isFaulty = store.faultsAt(place).length > 0;
  useEffect(() => {
    if (isFaulty) ref.current!.open = true;
  }, [isFaulty]);
  return (
    <details class="fold" ref={ref}>
      <summary>{title}</summary>
      {children}
    </details>
  );
}
