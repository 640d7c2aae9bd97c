// All messages of the ticket, whatever their channel: a live log that follows its end unless one reads back.
import { useSignal } from "@preact/signals";
import { useLayoutEffect, useRef } from "preact/hooks";
import type { Message } from "../api/types";
import { t } from "../i18n/console";
import { unheard } from "../live/outbox";
import { Icon } from "../ui/icons";
import { MessageRow, tellsCall, UnsentRow } from "./message-row";
import { outbox } from "./sending";
import { account } from "./session";
import type { TicketStore } from "./ticket-store";
import { tellFailure } from "./toast";

const NEAR_END_PIXELS = 96;

export function Timeline({ store, citizenName }: { store: TicketStore; citizenName: string | null }) {
  const messages = store.log.messages.value;
  const unsent = unheard(outbox.items.value, messages).filter((item) => item.target.endsWith(`:${store.id}`));
  const box = useRef<HTMLDivElement>(null);
  const isAtEnd = useSignal(true);
  const seenSeq = useSignal(store.log.lastSeq.value);
  const isLoadingEarlier = useSignal(false);
  const me = account().id;
  const behind = messages.filter(
    ({ seq, kind, author }) => seq > seenSeq.value && kind !== "system" && author?.id !== me,
  );

  useLayoutEffect(() => {
    if (isAtEnd.value) follow();
  }, [messages, outbox.items.value]);

  /** A call is told once, where its first line stands. */
  function callOf(message: Message, all: readonly Message[], index: number) {
    if (!tellsCall(message) || !message.interaction_id) return undefined;
    const isFirst = !all.slice(0, index).some((one) => tellsCall(one) && one.interaction_id === message.interaction_id);
    return isFirst ? store.calls.value.get(message.interaction_id) : undefined;
  }

  function follow() {
    box.current!.scrollTop = box.current!.scrollHeight;
    seenSeq.value = store.log.lastSeq.value;
  }

  function scrolled() {
    const { scrollHeight, scrollTop, clientHeight } = box.current!;
    isAtEnd.value = scrollHeight - scrollTop - clientHeight < NEAR_END_PIXELS;
    if (isAtEnd.value) seenSeq.value = store.log.lastSeq.value;
  }

  async function loadEarlier() {
    const { scrollHeight, scrollTop } = box.current!;
    isLoadingEarlier.value = true;
    try {
      await store.log.loadEarlier();
      // Keep what was being read where it was.
      requestAnimationFrame(() => (box.current!.scrollTop = scrollTop + box.current!.scrollHeight - scrollHeight));
    } catch (error) {
      tellFailure(error);
    } finally {
      setTimeout(() => (isLoadingEarlier.value = false));
    }
  }

  return (
    <div class="timeline">
      <div
        class="timeline-scroll"
        ref={box}
        onScroll={scrolled}
        tabIndex={0}
        role="log"
        aria-label={t("timeline")}
        aria-live={isLoadingEarlier.value ? "off" : "polite"}
        aria-relevant="additions"
      >
        {store.log.hasEarlier.value && (
          <button type="button" class="button quiet earlier" onClick={() => void loadEarlier()}>
            {t("earlier")}
          </button>
        )}
        <ol>
          {messages.map((message, index) => (
            <MessageRow
              key={message.id}
              message={message}
              before={messages[index - 1]}
              isOwn={message.author?.id === me}
              citizenName={citizenName}
              ticketId={store.id}
              call={callOf(message, messages, index)}
            />
          ))}
          {unsent.map((item) => (
            <UnsentRow key={item.key} item={item} store={store} />
          ))}
        </ol>
      </div>
      <p class="typing muted small">{store.typing.who.value && t("citizen_types")}</p>
      {!isAtEnd.value && (
        <button type="button" class="button jump" onClick={follow}>
          <Icon name="down" size={16} /> {behind.length ? t("new_messages", { n: behind.length }) : t("to_end")}
        </button>
      )}
    </div>
  );
}
