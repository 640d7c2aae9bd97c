// The agent's state: what it is, since when, how full, and the way to another.
import { t, word } from "../i18n/console";
import { duration, timer } from "../i18n/format";
import type { Channel, Loads, PauseReason, Presence } from "../api/types";
import { secondsSince } from "../live/clock";
import { Icon } from "../ui/icons";
import { changeState, work } from "./work";

export const PAUSE_REASONS: readonly PauseReason[] = ["break", "meal", "training", "other"];

export function PresencePanel() {
  const presence = work.value?.presence;
  if (!presence) return <section class="presence" aria-label={t("my_state")} aria-busy="true" />;
  const { state, reason } = presence;
  return (
    <section class={`presence ${state}`} aria-label={t("my_state")}>
      <div class="presence-now">
        <span class={`dot ${state}`} />
        <p class="presence-state">
          {word("state", state)}
          {reason && <span class="muted small"> · {word("reason", reason)}</span>}
        </p>
        <Since presence={presence} />
      </div>
      <LoadMarks channels={presence.channels} />
      <div class="presence-choices">
        {state !== "ready" && (
          <button type="button" class="button primary" onClick={() => void changeState("ready")}>
            {t("go_ready")}
          </button>
        )}
        <label class="unseen" for="pause">
          {t("pause_reason")}
        </label>
        <select
          id="pause"
          class="pause"
          value={state === "paused" ? (reason ?? "") : ""}
          onChange={(event) => void changeState("paused", event.currentTarget.value as PauseReason)}
        >
          <option value="" disabled>
            {t("pause")}…
          </option>
          {PAUSE_REASONS.map((one) => (
            <option key={one} value={one}>
              {word("reason", one)}
            </option>
          ))}
        </select>
        {state !== "offline" && (
          <button type="button" class="button quiet" onClick={() => void changeState("offline")}>
            {t("go_offline")}
          </button>
        )}
      </div>
    </section>
  );
}

function Since({ presence }: { presence: Presence }) {
  const seconds = secondsSince(presence.since);
  return (
    <p class="muted small tabular" title={t("since", { time: duration(seconds) })}>
      {timer(seconds)}
    </p>
  );
}

/** One mark per channel that the agent works on: filled as far as it is full. */
export function LoadMarks({ channels }: { channels: Loads }) {
  const used = Object.entries(channels).filter(([, one]) => one.capacity > 0) as [
    Channel,
    { load: number; capacity: number },
  ][];
  return (
    <ul class="loads">
      {used.map(([channel, { load, capacity }]) => {
        const words = t("load", { channel: word("channel", channel), load, capacity });
        return (
          <li key={channel} class={load >= capacity ? "full" : load ? "some" : ""} title={words}>
            <Icon name={channel} size={15} />
            <span class="unseen">{words}</span>
            <span class="tabular" aria-hidden="true">
              {load}/{capacity}
            </span>
          </li>
        );
      })}
    </ul>
  );
}
