// A supervisor puts an agent into another state; the reason is recorded and the agent is told.
import { useSignal } from "@preact/signals";
import type { AgentRow, PauseReason } from "../api/types";
import { t, word } from "../i18n/console";
import { Dialog } from "../ui/dialog";
import { DialogActions } from "./dialog-actions";
import { PAUSE_REASONS } from "./presence";
import { api, explain } from "./session";
import { tell } from "./toast";

const STATES = ["paused", "offline", "ready"] as const;

interface ForceStateProps {
  agent: AgentRow;
  onDone: () => Promise<void>;
  onClose: () => void;
}

export function ForceStateDialog({ agent, onDone, onClose }: ForceStateProps) {
  const state = useSignal<(typeof STATES)[number]>("paused");
  const reason = useSignal<PauseReason>("other");
  const failure = useSignal("");

  async function submit(event: Event) {
    event.preventDefault();
    const body = { state: state.value, ...(state.value === "paused" && { reason: reason.value }) };
    try {
      await api.send("PUT", `/api/v1/agents/${agent.id}/state`, { body });
      tell(t("forced", { name: agent.name, state: word("state", state.value) }));
      onClose();
      await onDone();
    } catch (error) {
      failure.value = explain(error);
    }
  }

  return (
    <Dialog title={t("force_state_of", { name: agent.name })} onClose={onClose}>
      <form class="stack" onSubmit={submit}>
        <p class="muted">{t("force_hint")}</p>
        <p class={failure.value ? "alert" : ""} role="alert">
          {failure.value}
        </p>
        <div class="field">
          <label for="forced-state">{t("new_state")}</label>
          <select
            id="forced-state"
            value={state.value}
            onChange={(event) => (state.value = event.currentTarget.value as (typeof STATES)[number])}
          >
            {STATES.map((one) => (
              <option key={one} value={one}>
                {word("state", one)}
              </option>
            ))}
          </select>
        </div>
        {state.value === "paused" && (
          <div class="field">
            <label for="forced-reason">{t("pause_reason")}</label>
            <select
              id="forced-reason"
              value={reason.value}
              onChange={(event) => (reason.value = event.currentTarget.value as PauseReason)}
            >
              {PAUSE_REASONS.map((one) => (
                <option key={one} value={one}>
                  {word("reason", one)}
                </option>
              ))}
            </select>
          </div>
        )}
        <DialogActions submit={t("force_confirm")} onCancel={onClose} />
      </form>
    </Dialog>
  );
}
