// Who has to wait for whom in a queue: teams that come later, parts reserved by contract, where it overflows.
import { useId } from "preact/hooks";
import type { ComponentChildren } from "preact";
import type { PlanQueue } from "../api/types";
import { t } from "../i18n/console";
import { NumberField } from "./number-field";
import { replaced } from "./plan-fields";
import { named, type PlanStore } from "./plan-store";
import { Remove } from "./remove-button";
import { Typed } from "./typed";

const DAY_SECONDS = 86_400;

interface LimitsProps {
  store: PlanStore;
  queue: PlanQueue;
  onChange: (queue: PlanQueue) => void;
}

export function QueueLimits(props: LimitsProps) {
  const { teams, delays, reserved, overflow } = props.queue;
  const count = delays.length + reserved.length + (overflow ? 1 : 0) + (teams.length ? 1 : 0);
  return (
    <details class="fold" open={count > 0}>
      <summary>{t("limits", { n: count })}</summary>
      <div class="plan-limits">
        <Teams {...props} />
        <Delays {...props} />
        <Reserved {...props} />
        <Overflow {...props} />
      </div>
    </details>
  );
}

function Teams({ queue, onChange }: LimitsProps) {
  const id = useId();
  return (
    <div class="field">
      <label for={id}>{t("teams")}</label>
      <Typed
        id={id}
        maxLength={200}
        aria-describedby={`${id}-hint`}
        value={queue.teams.join(", ")}
        onTyped={(text) => {
          const names = text.split(",").map((name) => name.trim());
          onChange({ ...queue, teams: [...new Set(names.filter(Boolean))] });
        }}
      />
      <p class="hint" id={`${id}-hint`}>
        {t("teams_hint")}
      </p>
    </div>
  );
}

function Delays({ queue, onChange }: LimitsProps) {
  const { delays } = queue;
  const put = (next: PlanQueue["delays"]) => onChange({ ...queue, delays: next });
  return (
    <Rows title={t("delays")} hint={t("delays_hint")} add={t("delay_add")} onAdd={() => put([...delays, { team: "", seconds: 30 }])}>
      {delays.map((delay, place) => (
        <Row key={place} remove={t("delay_remove", { team: delay.team })} onRemove={() => put(without(delays, place))}>
          <TextField
            label={t("team")}
            value={delay.team}
            onInput={(team) => put(replaced(delays, place, { ...delay, team }))}
          />
          <NumberField
            label={t("delay_seconds")}
            value={delay.seconds}
            min={1}
            max={DAY_SECONDS}
            onChange={(seconds) => put(replaced(delays, place, { ...delay, seconds }))}
          />
        </Row>
      ))}
    </Rows>
  );
}

function Reserved({ store, queue, onChange }: LimitsProps) {
  const id = useId();
  const { reserved } = queue;
  const outsourcers = store.plan.value!.outsourcers;
  const put = (next: PlanQueue["reserved"]) => onChange({ ...queue, reserved: next });
  const first = outsourcers[0];
  if (!first) return null;
  const fresh = { outsourcer_id: first.id, percent: 50, spill_seconds: 60 };
  return (
    <Rows title={t("reserved")} hint={t("reserved_hint")} add={t("reserved_add")} onAdd={() => put([...reserved, fresh])}>
      {reserved.map((share, place) => (
        <Row key={place} remove={t("reserved_remove", { n: place + 1 })} onRemove={() => put(without(reserved, place))}>
          <div class="field">
            <label for={`${id}-${place}`}>{t("outsourcer")}</label>
            <select
              id={`${id}-${place}`}
              value={share.outsourcer_id}
              onChange={(event) => put(replaced(reserved, place, { ...share, outsourcer_id: event.currentTarget.value }))}
            >
              {outsourcers.map((one) => (
                <option key={one.id} value={one.id}>
                  {one.name}
                </option>
              ))}
            </select>
          </div>
          <NumberField
            label={t("reserved_percent")}
            value={share.percent}
            min={1}
            max={100}
            onChange={(percent) => put(replaced(reserved, place, { ...share, percent }))}
          />
          <NumberField
            label={t("reserved_spill")}
            value={share.spill_seconds}
            min={1}
            max={DAY_SECONDS}
            onChange={(spill_seconds) => put(replaced(reserved, place, { ...share, spill_seconds }))}
          />
        </Row>
      ))}
    </Rows>
  );
}

function Overflow({ store, queue, onChange }: LimitsProps) {
  const id = useId();
  const others = store.document.queues.filter((one) => one.id !== queue.id);
  const { overflow } = queue;
  if (!others.length) return null;
  const first = others[0]!.id;
  return (
    <Rows
      title={t("overflow")}
      hint={t("overflow_hint")}
      add={overflow ? null : t("overflow_add")}
      onAdd={() => onChange({ ...queue, overflow: { queue: first, after_seconds: 300 } })}
    >
      {overflow && (
        <Row remove={t("overflow_remove")} onRemove={() => onChange({ ...queue, overflow: null })}>
          <div class="field">
            <label for={id}>{t("topic_queue")}</label>
            <select
              id={id}
              value={overflow.queue}
              onChange={(event) => onChange({ ...queue, overflow: { ...overflow, queue: event.currentTarget.value } })}
            >
              {others.map((one) => (
                <option key={one.id} value={one.id}>
                  {named(one.name)}
                </option>
              ))}
            </select>
          </div>
          <NumberField
            label={t("step_after")}
            value={overflow.after_seconds}
            min={1}
            max={DAY_SECONDS}
            onChange={(after_seconds) => onChange({ ...queue, overflow: { ...overflow, after_seconds } })}
          />
        </Row>
      )}
    </Rows>
  );
}

interface RowsProps {
  title: string;
  hint: string;
  add: string | null;
  onAdd: () => void;
  children: ComponentChildren;
}

function Rows({ title, hint, add, onAdd, children }: RowsProps) {
  return (
    <fieldset class="stack">
      <legend class="label">{title}</legend>
      <p class="muted small">{hint}</p>
      {children}
      {add && (
        <p>
          <button type="button" class="button link" onClick={onAdd}>
            {add}
          </button>
        </p>
      )}
    </fieldset>
  );
}

function Row({ remove, onRemove, children }: { remove: string; onRemove: () => void; children: ComponentChildren }) {
  return (
    <div class="plan-fields">
      {children}
      <Remove label={remove} onClick={onRemove} />
    </div>
  );
}

function TextField({ label, value, onInput }: { label: string; value: string; onInput: (value: string) => void }) {
  const id = useId();
  return (
    <div class="field">
      <label for={id}>{label}</label>
      <input id={id} required maxLength={40} value={value} onInput={(event) => onInput(event.currentTarget.value)} />
    </div>
  );
}

function without<T>(list: readonly T[], place: number): T[] {
  return list.filter((_, index) => index !== place);
}
