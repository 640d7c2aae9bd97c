// The end of every form in a dialog: leave it, or do it.
import { t } from "../i18n/console";

export function DialogActions({ submit, onCancel }: { submit: string; onCancel: () => void }) {
  return (
    <div class="actions">
      <button type="button" class="button" onClick={onCancel}>
        {t("cancel")}
      </button>
      <button type="submit" class="button primary">
        {submit}
      </button>
    </div>
  );
}
