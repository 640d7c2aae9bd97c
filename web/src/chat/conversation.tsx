// The conversation: where it stands, its messages, what is not sent yet, and the place to write.
import { useComputed, useSignal, useSignalEffect } from "@preact/signals";
import { useEffect, useMemo, useRef } from "preact/hooks";
import { t } from "../i18n/chat";
import { duration, ordinal } from "../i18n/format";
import { announce, announceUrgently, throttled } from "../ui/announcer";
import { Confirm } from "../ui/dialog";
import { Menu } from "../ui/menu";
import { Composer } from "./composer";
import { MessageList } from "./message-list";
import type { ChatStore } from "./store";
import { transcript } from "./transcript";
import type { Conversation as Facts } from "./types";

/** A queue that moves fast must not talk without end. */
const POSITION_EVERY_SECONDS = 20;

export function Conversation({ chat }: { chat: ChatStore }) {
  const conversation = chat.conversation.value!;
  const input = useRef<HTMLTextAreaElement>(null);
  const asking = useSignal<"end" | "erase" | null>(null);
  const failure = useSignal("");
  useEffect(() => input.current?.focus({ preventScroll: true }), []);

  async function run(action: () => Promise<void>) {
    asking.value = null;
    failure.value = "";
    try {
      await action();
    } catch {
      failure.value = t("network");
    }
  }

  return (
    <>
      <h2 class="unseen">{t("conversation")}</h2>
      <div class="standing">
        <Standing chat={chat} />
        <Menu label={t("menu")}>
          {conversation.state !== "ended" && (
            <button type="button" onClick={() => (asking.value = "end")}>
              {t("end")}
            </button>
          )}
          <button type="button" onClick={() => void copy(chat)}>
            {t("copy")}
          </button>
          <button type="button" onClick={() => print()}>
            {t("print")}
          </button>
          <button type="button" onClick={() => (asking.value = "erase")}>
            {t("erase")}
          </button>
        </Menu>
      </div>
      <ConnectionBar chat={chat} />
      <MessageList chat={chat} />
      <p class={failure.value ? "alert" : ""} role="alert">
        {failure.value}
      </p>
      <Composer chat={chat} input={input} />
      {asking.value === "end" && (
        <Confirm
          title={t("end_title")}
          body={t("end_body")}
          confirm={t("end_confirm")}
          cancel={t("cancel")}
          onConfirm={() => void run(() => chat.end())}
          onCancel={() => (asking.value = null)}
        />
      )}
      {asking.value === "erase" && (
        <Confirm
          title={t("erase_title")}
          body={t("erase_body", { number: conversation.ticket_number })}
          confirm={t("erase_confirm")}
          cancel={t("cancel")}
          onConfirm={() => void run(() => chat.erase())}
          onCancel={() => (asking.value = null)}
        />
      )}
    </>
  );
}

function Standing({ chat }: { chat: ChatStore }) {
  const sentence = useComputed(() => standing(chat.conversation.value));
  const say = useMemo(() => throttled(POSITION_EVERY_SECONDS, announce), []);
  useSignalEffect(() => say(sentence.value));
  const { state, ticket_number } = chat.conversation.value!;
  return (
    <div class="standing-text">
      <p class={`state ${state}`}>{sentence}</p>
      <p class="muted small" title={t("keep_number")}>
        {t("ticket_number", { number: ticket_number })}
        {state === "waiting" && ` · ${t("waiting_hint")}`}
      </p>
    </div>
  );
}

function standing(conversation: Facts | null): string {
  if (!conversation) return "";
  const { state, position, agents_available, agent_name, expected_wait } = conversation;
  switch (state) {
    case "active":
      return agent_name ? t("active_with", { name: agent_name }) : t("active");
    case "paused":
      return t("paused");
    case "ended":
      return t("ended");
    case "waiting":
      if (!agents_available) return t("waiting_nobody");
      if (position === null) return t("waiting_soon");
      return [
        position <= 1 ? t("waiting_next") : t("waiting_position", { nth: ordinal(position) }),
        ...(expected_wait ? [expectation(expected_wait)] : []),
      ].join(" ");
  }
}

function expectation({ from_seconds: from, to_seconds: to }: NonNullable<Facts["expected_wait"]>): string {
  if (from === 0) return t("waiting_less_than", { time: duration(to) });
  return t("waiting_between", { from: duration(from), to: duration(to) });
}

function ConnectionBar({ chat }: { chat: ChatStore }) {
  const isOffline = chat.live.connection.value === "offline";
  const wasOffline = useRef(false);
  useEffect(() => {
    if (wasOffline.current && !isOffline) announce(t("connection_back"));
    if (isOffline) announceUrgently(t("connection_offline"));
    wasOffline.current = isOffline;
  }, [isOffline]);
  return isOffline ? <p class="connection">{t("connection_offline")}</p> : null;
}

async function copy(chat: ChatStore): Promise<void> {
  const { ticket_number } = chat.conversation.value!;
  await navigator.clipboard.writeText(
    transcript(t("ticket_number", { number: ticket_number }), chat.log.messages.value),
  );
  announce(t("copied"));
}
