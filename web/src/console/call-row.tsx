// A call in the ticket's story: which way, how it ended, how long, with whom, and what was left after the tone.
import type { PastCall } from "../api/types";
import { t, word } from "../i18n/console";
import { duration, hour, phoneNumber } from "../i18n/format";
import { Icon } from "../ui/icons";

/** From or to which number. */
export const numberOf = ({ number }: { number: string | null }) => (number ? phoneNumber(number) : t("call_withheld"));

export function CallRow({ call, ticketId, at }: { call: PastCall; ticketId: string; at: string }) {
  const { direction, outcome, talked_seconds: talked, agent_name, recordings, state, is_held } = call;
  const stands = state === "ended" ? word("call_outcome", outcome ?? "") : word("call_stage", is_held ? "held" : state);
  const facts = [
    numberOf(call),
    stands,
    ...(talked ? [duration(talked)] : []),
    ...(agent_name ? [agent_name] : []),
  ];
  return (
    <div class="event call-event">
      <p>
        <Icon name="voice" size={14} /> {word("call", direction)} · {facts.join(" · ")}{" "}
        <time dateTime={at}>{hour(at)}</time>
      </p>
      {recordings.map(({ id, seconds, is_ready }) =>
        is_ready ? (
          <audio
            key={id}
            controls
            preload="none"
            src={`/api/v1/tickets/${ticketId}/recordings/${id}`}
            aria-label={t("call_recording", { time: duration(seconds) })}
          />
        ) : (
          <p key={id}>{t("call_recording_coming", { time: duration(seconds) })}</p>
        ),
      )}
    </div>
  );
}
