// The messages as a live log: others' words are announced, one's own are not.
import { useSignal } from "@preact/signals";
import { useLayoutEffect, useRef } from "preact/hooks";
import { t } from "../i18n/chat";
import { day, hour } from "../i18n/format";
import { type Pending, unheard } from "../live/outbox";
import { Icon } from "../ui/icons";
import { Linked } from "../ui/linked";
import type { ChatStore } from "./store";
import type { ChatMessage } from "./types";
import { systemLine, whoSpeaks } from "./words";

const NEAR_END_PIXELS = 80;

export function MessageList({ chat }: { chat: ChatStore }) {
  const messages = chat.log.messages.value;
  const pending = unheard(chat.outbox.items.value, messages);
  const box = useRef<HTMLDivElement>(null);
  const isAtEnd = useSignal(true);
  const seenSeq = useSignal(chat.log.lastSeq.value);
  const lastOwn = messages.findLast((message) => message.kind === "citizen");
  const behind = messages.filter((message) => message.kind === "agent" && message.seq > seenSeq.value).length;

  useLayoutEffect(() => {
    if (isAtEnd.value) toEnd(box.current!);
    if (isAtEnd.value) seenSeq.value = chat.log.lastSeq.value;
  }, [messages, pending, chat.typing.who.value]);

  function scrolled() {
    const { scrollHeight, scrollTop, clientHeight } = box.current!;
    isAtEnd.value = scrollHeight - scrollTop - clientHeight < NEAR_END_PIXELS;
    if (isAtEnd.value) seenSeq.value = chat.log.lastSeq.value;
  }

  return (
    <div class="messages">
      <div
        class="scroller"
        ref={box}
        onScroll={scrolled}
        tabIndex={0}
        role="log"
        aria-live="polite"
        aria-relevant="additions"
        aria-label={t("log")}
      >
        <ol>
          {messages.map((message, index) => (
            <Row
              key={message.id}
              message={message}
              before={messages[index - 1]}
              mark={message === lastOwn && !pending.length ? mark(chat, message) : null}
            />
          ))}
          {pending.map((item) => (
            <Unsent key={item.key} item={item} chat={chat} />
          ))}
        </ol>
      </div>
      <TypingLine chat={chat} />
      {behind > 0 && !isAtEnd.value && (
        <button type="button" class="button jump" onClick={() => toEnd(box.current!)}>
          <Icon name="down" size={16} /> {t("new_messages", { n: behind })}
        </button>
      )}
    </div>
  );
}

function toEnd(box: HTMLElement): void {
  box.scrollTop = box.scrollHeight;
}

function mark(chat: ChatStore, message: ChatMessage): "read" | "sent" {
  return message.seq <= chat.conversation.value!.other_read_seq ? "read" : "sent";
}

interface RowProps {
  message: ChatMessage;
  before: ChatMessage | undefined;
  mark: "read" | "sent" | null;
}

function Row({ message, before, mark }: RowProps) {
  const isNewDay =
    !before || new Date(before.created_at).toDateString() !== new Date(message.created_at).toDateString();
  if (message.kind === "system") {
    return (
      <li class="row system">
        {isNewDay && <Day at={message.created_at} />}
        <p>{systemLine(message)}</p>
      </li>
    );
  }
  const isOwn = message.kind === "citizen";
  const continues = !isNewDay && before?.kind === message.kind && before.author_name === message.author_name;
  return (
    <li class={`row ${isOwn ? "own" : "theirs"}${continues ? " continues" : ""}`} aria-live={isOwn ? "off" : undefined}>
      {isNewDay && <Day at={message.created_at} />}
      <p class={continues ? "unseen" : "author"}>{whoSpeaks(message)}</p>
      <p class="bubble">
        <Linked text={message.body} newTab={t("opens_new_tab")} />
      </p>
      <p class="marks">
        <time dateTime={message.created_at}>{hour(message.created_at)}</time>
        {mark && (
          <>
            {" "}
            <Icon name={mark === "read" ? "checks" : "check"} size={14} /> {t(`state_${mark}`)}
          </>
        )}
      </p>
    </li>
  );
}

function Day({ at }: { at: string }) {
  const days = Math.round((new Date().setHours(0, 0, 0, 0) - new Date(at).setHours(0, 0, 0, 0)) / 86_400_000);
  const name = days === 0 ? t("day_today") : days === 1 ? t("day_yesterday") : day(at);
  return <p class="day">{name}</p>;
}

function Unsent({ item, chat }: { item: Pending; chat: ChatStore }) {
  const state = item.state;
  return (
    <li class="row own" aria-live="off">
      <p class="unseen">{t("you")}</p>
      <p class="bubble unsent">{item.body}</p>
      <p class={state === "sending" ? "marks" : "marks problem"} role={state === "refused" ? "alert" : undefined}>
        <Icon name={state === "sending" ? "clock" : "warning"} size={14} /> {t(`state_${state}`)}
        {item.reason && ` : ${item.reason}`}
        {state !== "sending" && (
          <>
            {" "}
            <button type="button" class="button link" onClick={() => chat.outbox.retry(item.key)}>
              {t("retry")}
            </button>
          </>
        )}
        {state === "refused" && (
          <button type="button" class="button link" onClick={() => chat.outbox.remove(item.key)}>
            {t("remove")}
          </button>
        )}
      </p>
    </li>
  );
}

function TypingLine({ chat }: { chat: ChatStore }) {
  const typing = chat.typing.who.value;
  return (
    <p class="typing muted small">
      {typing && (
        <>
          <span class="dots" aria-hidden="true">
            <i />
            <i />
            <i />
          </span>
          {typing.name ? t("typing_name", { name: typing.name }) : t("typing")}
        </>
      )}
    </p>
  );
}
