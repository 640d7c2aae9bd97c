// A field that keeps what is being typed, whatever comes meanwhile, and shows what was made of it when one leaves it.
import { useSignal } from "@preact/signals";

interface TypedProps {
  id?: string;
  "aria-describedby"?: string;
  "aria-invalid"?: boolean;
  type?: "text" | "number" | "date" | "time";
  lang?: string;
  inputMode?: "numeric";
  min?: number;
  max?: number;
  maxLength?: number;
  pattern?: string;
  required?: boolean;
  disabled?: boolean;
  readOnly?: boolean;
  onFocus?: () => void;
  value: string | number;
  /** Told at every letter: what is typed is part of the draft at once. */
  onTyped: (text: string) => void;
}

export function Typed({ type, value, onTyped, ...control }: TypedProps) {
  const typed = useSignal<string | null>(null);
  return (
    <input
      {...control}
      // Which attributes go with which type of input is not told apart here.
      type={type as "text"}
      value={typed.value ?? value}
      onInput={(event) => {
        typed.value = event.currentTarget.value;
        onTyped(typed.value);
      }}
      onBlur={(event) => {
        typed.value = null;
        // Half a date or half a number has no value, and would stay on screen without one.
        if (event.currentTarget.validity.badInput) event.currentTarget.value = "";
      }}
    />
  );
}
