// The queues of a routing plan.
import type { Channel, PlanQueue } from "../api/types";
import { t, word } from "../i18n/console";
import { Icon } from "../ui/icons";
import { NumberField } from "./number-field";
import { Faults, NamesFields, replaced } from "./plan-fields";
import { QueueLimits } from "./plan-limits";
import { newId, type PlanStore } from "./plan-store";

const DAY_SECONDS = 86_400;

export function QueuesEditor({ store }: { store: PlanStore }) {
  const { queues } = store.document;
  const put = (place: number, queue: PlanQueue) => store.change({ queues: replaced(queues, place, queue) });
  return (
    <section aria-labelledby="plan-queues">
      <h2 id="plan-queues">{t("queues")}</h2>
      <p class="muted small">{t("plan_queues_lead")}</p>
      <ul class="plan-list">
        {queues.map((queue, place) => (
          <li key={queue.id} class="card">
            <Faults store={store} place={`queues.${place}`} />
            <QueueFields queue={queue} channels={store.plan.value!.channels} onChange={(next) => put(place, next)} />
            <QueueLimits store={store} queue={queue} onChange={(next) => put(place, next)} />
          </li>
        ))}
      </ul>
      <button
        type="button"
        class="button"
        onClick={() =>
          store.change({
            queues: [
              ...queues,
              {
                id: newId(),
                name: { fr: "" },
                offer_seconds: 20,
                wrap_up_seconds: 60,
                place_seconds: 14_400,
                target_seconds: {},
                teams: [],
                delays: [],
                reserved: [],
                overflow: null,
              },
            ],
          })
        }
      >
        <Icon name="plus" size={16} /> {t("plan_queue_new")}
      </button>
    </section>
  );
}

interface QueueFieldsProps {
  queue: PlanQueue;
  channels: readonly Channel[];
  onChange: (queue: PlanQueue) => void;
}

function QueueFields({ queue, channels, onChange }: QueueFieldsProps) {
  return (
    <div class="plan-fields">
      <NamesFields name={queue.name} onChange={(name) => onChange({ ...queue, name })} />
      <NumberField
        label={t("offer_seconds")}
        value={queue.offer_seconds}
        min={5}
        max={300}
        onChange={(offer_seconds) => onChange({ ...queue, offer_seconds })}
      />
      <NumberField
        label={t("wrap_up_seconds")}
        value={queue.wrap_up_seconds}
        max={3600}
        onChange={(wrap_up_seconds) => onChange({ ...queue, wrap_up_seconds })}
      />
      <NumberField
        label={t("place_minutes")}
        value={(queue.place_seconds ?? 14_400) / 60}
        max={DAY_SECONDS / 60}
        onChange={(minutes) => onChange({ ...queue, place_seconds: minutes * 60 })}
      />
      {channels.map((channel) => (
        <NumberField
          key={channel}
          label={t("target_of", { channel: word("channel", channel) })}
          value={queue.target_seconds[channel] ?? 0}
          max={7 * DAY_SECONDS}
          onChange={(seconds) =>
            onChange({ ...queue, target_seconds: { ...queue.target_seconds, [channel]: seconds } })
          }
        />
      ))}
    </div>
  );
}
