// A whole number within bounds.
import { useRef } from "preact/hooks";
import { type Edited, Field } from "./menu-fields";
import { Typed } from "./typed";

interface WholeProps {
  label: string;
  hint?: string;
  min?: number;
  max: number;
  isDisabled?: boolean;
  /** Where it lies in a document whose faults are told field by field. */
  store?: Pick<Edited, "faultsAt">;
  place?: string;
}

type NumberFieldProps = WholeProps &
  (
    | { isOptional?: false; value: number; onChange: (value: number) => void }
    | { isOptional: true; value: number | null; onChange: (value: number | null) => void }
  );

/** A whole number; an optional one may be left empty, any other is again what it was before. */
export function NumberField(props: NumberFieldProps) {
  const { label, hint, min = 0, max, isDisabled, store, place, value } = props;
  const before = useRef(value);
  function put(text: string) {
    const typed = Math.trunc(Number(text));
    if (text !== "") props.onChange(typed);
    else if (props.isOptional) props.onChange(null);
    else props.onChange(before.current!);
  }
  return (
    <Field store={store} place={place} label={label} hint={hint} class="number-field">
      {(control) => (
        <Typed
          {...control}
          type="number"
          inputMode="numeric"
          min={min}
          max={max}
          required={!props.isOptional}
          disabled={isDisabled}
          value={value ?? ""}
          onFocus={() => (before.current = value)}
          onTyped={put}
        />
      )}
    </Field>
  );
}
