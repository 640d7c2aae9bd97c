// One thing of an ordered list, moved up and down.
import { t } from "../i18n/console";
import { Icon } from "../ui/icons";

interface MoveButtonsProps {
  name: string;
  place: number;
  last: number;
  move: (from: number, to: number) => void;
}

export function MoveButtons({ name, place, last, move }: MoveButtonsProps) {
  return (
    <>
      <button
        type="button"
        class="button quiet icon turned"
        aria-label={t("topic_up", { name })}
        disabled={place === 0}
        onClick={() => move(place, place - 1)}
      >
        <Icon name="down" size={16} />
      </button>
      <button
        type="button"
        class="button quiet icon"
        aria-label={t("topic_down", { name })}
        disabled={place === last}
        onClick={() => move(place, place + 1)}
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
