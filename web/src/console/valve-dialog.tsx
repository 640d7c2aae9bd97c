// A supervisor opens a phone line to all, or closes it, for a time; the reason is kept and shown.
import { useSignal } from "@preact/signals";
import { ApiError } from "../api/http";
import type { Id, ValveOverride, ValveRow } from "../api/types";
import { t } from "../i18n/console";
import { duration } from "../i18n/format";
import { Dialog } from "../ui/dialog";
import { DialogActions } from "./dialog-actions";
import { api, explain } from "./session";
import { tell, tellFailure } from "./toast";
import { standingOf, told } from "./valves";

const MINUTES = [15, 30, 60, 120, 240, 480, 1440];

interface ValveDialogProps {
  valve: ValveRow;
  state: ValveOverride["state"];
  refetch: () => Promise<void>;
  onClose: () => void;
}

export function ValveDialog({ valve, state, refetch, onClose }: ValveDialogProps) {
  const minutes = useSignal(30);
  const reason = useSignal("");
  const failure = useSignal("");
  const isSending = useSignal(false);
  // What is replaced is what was read here: whoever orders meanwhile is not overruled unseen.
  const replaces = useSignal(standingOf(valve)?.id ?? null);
  const standing = standingOf(valve);
  const campaign = valve.campaign.name;

  async function submit(event: Event) {
    event.preventDefault();
    if (isSending.value) return;
    isSending.value = true;
    failure.value = "";
    const body = { state, minutes: minutes.value, reason: reason.value.trim(), replaces: replaces.value };
    try {
      const made = await api.send<ValveOverride>("PUT", `/api/v1/campaigns/${valve.campaign.id}/valve/override`, {
        body,
      });
      tell(t("valve_changed", { campaign, state: told(made) }));
      onClose();
      refetch().catch(tellFailure);
    } catch (error) {
      if (error instanceof ApiError && error.code === "conflict") await showOther(error.facts["override_id"]);
      else failure.value = explain(error);
    } finally {
      isSending.value = false;
    }
  }

  /** Somebody was first: what they ordered is shown, and ordering again means to replace it. */
  async function showOther(id: unknown) {
    await refetch().catch(tellFailure);
    replaces.value = id as Id | null;
    failure.value = t("valve_conflict");
  }

  return (
    <Dialog title={t(`valve_title_${state}`, { campaign })} onClose={onClose}>
      <form class="stack" onSubmit={(event) => void submit(event)}>
        <p class="muted">{t(`valve_hint_${state}`)}</p>
        <p class={failure.value ? "alert" : ""} role="alert">
          {failure.value}
        </p>
        {standing && <p>{t("valve_replaces", { standing: told(standing) })}</p>}
        <div class="field">
          <label for="valve-minutes">{t("valve_minutes")}</label>
          <select
            id="valve-minutes"
            value={minutes.value}
            onChange={(event) => (minutes.value = Number(event.currentTarget.value))}
          >
            {MINUTES.map((one) => (
              <option key={one} value={one}>
                {duration(one * 60)}
              </option>
            ))}
          </select>
        </div>
        <div class="field">
          <label for="valve-reason">{t("valve_reason")}</label>
          <textarea
            id="valve-reason"
            required
            maxLength={500}
            aria-describedby="valve-reason-hint"
            value={reason.value}
            onInput={(event) => (reason.value = event.currentTarget.value)}
          />
          <p class="hint" id="valve-reason-hint">
            {t("valve_reason_hint")}
          </p>
        </div>
        <DialogActions submit={t(`valve_confirm_${state}`)} onCancel={onClose} />
      </form>
    </Dialog>
  );
}
