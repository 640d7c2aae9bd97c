// A call in the ticket's story: which way, how it ended, how long, with whom, and what was left after the tone.
import type { CallAdmission, PastCall } from "../api/types";
import { t, word } from "../i18n/console";
import { duration, hour, phoneNumber } from "../i18n/format";
import { Icon } from "../ui/icons";

/** From or to which number. */
export const numberOf = ({ number }: { number: string | null }) => (number ? phoneNumber(number) : t("call_withheld"));

export function CallRow({ call, ticketId, at }: { call: PastCall; ticketId: string; at: string }) {
  const { direction, outcome, talked_seconds: talked, agent_name, recordings, state, is_held, admission } = call;
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
      {admission && <Admitted admission={admission} />}
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

/** Why the caller was let in, or what they were offered instead and took of it. */
function Admitted({ admission }: { admission: CallAdmission }) {
  const { is_admitted, rule, reasons, policy_number: number, offered, taken } = admission;
  const ways = (names: string[]) => names.map((name) => word("call_way", name)).join(", ");
  const because = reasons.length && rule === "exempt" ? reasons.map((one) => word("call_reason", one)).join(", ") : "";
  const why = because || word(is_admitted ? "call_let_in" : "call_refused", rule);
  const sentences = [
    t(is_admitted ? "call_was_let_in" : "call_was_refused", { why, number }),
    ...(offered.length ? [t("call_was_offered", { ways: ways(offered) })] : []),
    ...(taken ? [t("call_took", { way: ways([taken]) })] : offered.length ? [t("call_took_none")] : []),
  ];
  return <p class="small">{sentences.join(" ")}</p>;
}
