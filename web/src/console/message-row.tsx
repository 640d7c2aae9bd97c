// One line of the ticket's story: words of the citizen, of an agent, a note, an event, or what is not sent yet.
import type { Attachment, Message, MessageState, PastCall } from "../api/types";
import { t, word } from "../i18n/console";
import { day, fileSize, hour, moment } from "../i18n/format";
import type { Pending } from "../live/outbox";
import { Icon, type IconName } from "../ui/icons";
import { Linked } from "../ui/linked";
import { CallRow } from "./call-row";
import { outbox, type Mode } from "./sending";
import type { TicketStore } from "./ticket-store";

interface MessageRowProps {
  message: Message;
  before: Message | undefined;
  isOwn: boolean;
  ticketId: string;
  citizenName: string | null;
  /** The call that this line tells the beginning of. */
  call: PastCall | undefined;
}

/** Where a call begins in the story: its row stands there, and says how it went. */
const CALL_CODES = ["call_began", "call_placed", "call_missed", "call_deflected", "voicemail"];

export const tellsCall = ({ code }: Message) => code !== null && CALL_CODES.includes(code);

export function MessageRow({ message, before, isOwn, citizenName, call, ticketId }: MessageRowProps) {
  const isNewDay = !before || dayOf(before) !== dayOf(message);
  const { kind } = message;
  const continues =
    !isNewDay && before.kind === kind && before.author?.id === message.author?.id && before.channel === message.channel;
  return (
    <li
      class={`line ${kind}${continues ? " continues" : ""}`}
      aria-live={isOwn && kind !== "system" ? "off" : undefined}
    >
      {isNewDay && <p class="day">{dayName(message.created_at)}</p>}
      {call ? (
        <CallRow call={call} ticketId={ticketId} at={message.created_at} />
      ) : kind === "system" ? (
        <SystemLine message={message} />
      ) : (
        <Words message={message} continues={continues} name={nameOf(message, citizenName)} ticketId={ticketId} />
      )}
    </li>
  );
}

function nameOf({ kind, author }: Message, citizenName: string | null): string {
  return author?.name ?? (kind === "citizen" ? (citizenName ?? t("citizen")) : t("agent"));
}

function SystemLine({ message }: { message: Message }) {
  const name = message.author?.name ?? t("someone");
  const key = word("system", message.code ?? "", { name });
  const sentence = key === message.code ? t("system_other", { code: message.code }) : key;
  return (
    <p class="event">
      {message.body || sentence} <time dateTime={message.created_at}>{hour(message.created_at)}</time>
    </p>
  );
}

interface WordsProps {
  message: Message;
  continues: boolean;
  name: string;
  ticketId: string;
}

function Words({ message, continues, name, ticketId }: WordsProps) {
  const { kind, channel, created_at } = message;
  return (
    <>
      <p class={continues ? "unseen" : "from"}>
        {kind === "note" && (
          <>
            <Icon name="lock" size={14} /> <strong>{t("note")}</strong>{" "}
            <span>
              ({t("note_hint")}) · {name}
            </span>
          </>
        )}
        {kind !== "note" && <strong>{name}</strong>}
        {kind !== "note" && channel && (
          <span class="via">
            <Icon name={channel} size={14} /> {word("channel", channel)}
          </span>
        )}
      </p>
      <div class="bubble">
        <Linked text={message.body} newTab={t("opens_new_tab")} />
        {message.attachments?.map((file) => (
          <AttachmentLink key={file.id} file={file} ticketId={ticketId} />
        ))}
        {message.media?.map(({ content_type: type, failure }, place) => (
          <p class="media small" key={place}>
            <Icon name={failure ? "warning" : "clock"} size={14} />{" "}
            {failure
              ? t("media_refused", { type, reason: word("media_failure", failure) })
              : t("media_to_fetch", { type })}
          </p>
        ))}
      </div>
      <p class="marks">
        <time dateTime={created_at} title={moment(created_at)}>
          {hour(created_at)}
        </time>
        {kind === "agent" && message.state && <Delivery state={message.state} failure={message.failure} />}
      </p>
    </>
  );
}

/** Saved, not shown: what strangers send opens in no page of ours. */
function AttachmentLink({ file, ticketId }: { file: Attachment; ticketId: string }) {
  const kind = word("file_kind", file.content_type.split("/")[0] ?? "");
  return (
    <p class="media">
      <a href={`/api/v1/tickets/${ticketId}/attachments/${file.id}`} download={file.file_name}>
        <Icon name="file" size={14} /> {kind} {file.file_name}
      </a>{" "}
      <span class="small">({fileSize(file.size_bytes)})</span>
    </p>
  );
}

const STATE_ICONS: Partial<Record<MessageState, IconName>> = {
  queued: "clock",
  sending: "clock",
  sent: "check",
  delivered: "checks",
  read: "checks",
  failed: "warning",
  undelivered: "warning",
  outcome_unknown: "warning",
};

function Delivery({ state, failure }: { state: MessageState; failure: string | null }) {
  const icon = STATE_ICONS[state];
  if (!icon) return null;
  return (
    <span class={icon === "warning" ? "delivery problem" : `delivery ${state}`}>
      <Icon name={icon} size={14} /> {word("message", state)}
      {failure && ` (${reason(failure)}${state === "queued" ? `, ${t("text_again")}` : ""})`}
    </span>
  );
}

/** A code of the provider or of our own rules, in words where we have some. */
function reason(code: string): string {
  const own = word("text_refused", code);
  return own === code ? word("text_error", code) : own;
}

export function UnsentRow({ item, store }: { item: Pending; store: TicketStore }) {
  const mode = item.target.split(":")[0] as Mode;
  function takeBack() {
    const kept = store.drafts[mode].value;
    store.write(mode, kept ? `${kept}\n${item.body}` : item.body);
    store.mode.value = mode;
    outbox.remove(item.key);
  }
  const isSending = item.state === "sending";
  return (
    <li class={`line ${mode === "note" ? "note" : "agent"} pending`} aria-live="off">
      {mode === "note" && (
        <p class="from">
          <Icon name="lock" size={14} /> <strong>{t("note")}</strong>
        </p>
      )}
      <div class="bubble">{item.body}</div>
      <p class="marks" role={item.state === "refused" ? "alert" : undefined}>
        <span class={isSending ? "delivery" : "delivery problem"}>
          <Icon name={isSending ? "clock" : "warning"} size={14} /> {t(`message_${item.state}`)}
          {item.reason && ` : ${item.reason}`}
        </span>
        {!isSending && (
          <button type="button" class="button link" onClick={() => outbox.retry(item.key)}>
            {t("retry")}
          </button>
        )}
        {item.state === "refused" && (
          <button type="button" class="button link" onClick={takeBack}>
            {t("back_to_composer")}
          </button>
        )}
      </p>
    </li>
  );
}

function dayOf(message: Message): string {
  return new Date(message.created_at).toDateString();
}

function dayName(at: string): string {
  const days = Math.round((new Date().setHours(0, 0, 0, 0) - new Date(at).setHours(0, 0, 0, 0)) / 86_400_000);
  return days === 0 ? t("today") : days === 1 ? t("yesterday") : day(at);
}
