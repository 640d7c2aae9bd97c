// Takes one thing of a list away; the focus goes to what then stands in its place.
import { Icon } from "../ui/icons";
import { removing } from "../ui/focus";

interface RemoveProps {
  label: string;
  isDisabled?: boolean;
  onClick: () => void;
}

export function Remove({ label, isDisabled, onClick }: RemoveProps) {
  return (
    <button
      type="button"
      class="button quiet icon"
      aria-label={label}
      title={label}
      disabled={isDisabled}
      onClick={(event) => removing(event.currentTarget, onClick)}
    >
      <Icon name="close" size={16} />
    </button>
  );
}
