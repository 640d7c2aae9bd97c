// The keys of a telephone: pressed on the screen, or by the keyboard's own while the focus is among them.
import { t } from "../i18n/console";

const KEYS = ["1", "2", "3", "4", "5", "6", "7", "8", "9", "*", "0", "#"];

interface KeypadProps {
  label: string;
  isOff?: boolean;
  onPress: (key: string) => void;
}

export function Keypad({ label, isOff, onPress }: KeypadProps) {
  return (
    <div class="keypad" role="group" aria-label={label}>
      {KEYS.map((key) => (
        <button
          type="button"
          key={key}
          class="button"
          disabled={isOff}
          aria-label={t("menu_walk_key", { key })}
          onClick={() => onPress(key)}
        >
          {key}
        </button>
      ))}
    </div>
  );
}

/** Presses what is typed, unless it is typed into a field or means something else. */
export function pressedBy(event: KeyboardEvent, press: (key: string) => void): void {
  const isField = event.target instanceof HTMLInputElement || event.target instanceof HTMLSelectElement;
  if (isField || event.altKey || event.ctrlKey || event.metaKey || !KEYS.includes(event.key)) return;
  event.preventDefault();
  press(event.key);
}
