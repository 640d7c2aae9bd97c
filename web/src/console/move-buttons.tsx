// One thing of an ordered list, moved up and down; the focus goes with it.
import { t } from "../i18n/console";
import { Icon } from "../ui/icons";

interface MoveButtonsProps {
  name: string;
  place: number;
  last: number;
  move: (from: number, to: number) => void;
}

export function MoveButtons({ name, place, last, move }: MoveButtonsProps) {
  function go(button: HTMLButtonElement, to: number) {
    const other = (to < place ? button.nextElementSibling : button.previousElementSibling) as HTMLButtonElement;
    move(place, to);
    requestAnimationFrame(() => (button.disabled ? other : button).focus());
  }
  return (
    <>
      <button
        type="button"
        class="button quiet icon turned"
        aria-label={t("topic_up", { name })}
        disabled={place === 0}
        onClick={(event) => go(event.currentTarget, place - 1)}
      >
        <Icon name="down" size={16} />
      </button>
      <button
        type="button"
        class="button quiet icon"
        aria-label={t("topic_down", { name })}
        disabled={place === last}
        onClick={(event) => go(event.currentTarget, place + 1)}
      >
        <Icon name="down" size={16} />
      </button>
    </>
  );
}

/** The list with what stands at one place put at another. */
export function moved<T>(list: readonly T[], from: number, to: number): T[] {
  const next = [...list];
  next.splice(to, 0, ...next.splice(from, 1));
  return next;
}
