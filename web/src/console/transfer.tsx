// Passing a conversation on: to another topic, a colleague or a skill, with a note for whoever takes over.
import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import type { Assignment, TransferTargets } from "../api/types";
import { t, word } from "../i18n/console";
import { Dialog } from "../ui/dialog";
import { readStored, store } from "../ui/stored";
import { DialogActions } from "./dialog-actions";
import { api, explain } from "./session";
import { tell } from "./toast";
import { mineOn, refetchWork } from "./work";

const KINDS = ["topic", "agent", "skill"] as const;
type Kind = (typeof KINDS)[number];
const FIELD: Record<Kind, string> = { topic: "topic_id", agent: "agent_id", skill: "skill" };
const LEVELS = [1, 2, 3, 4, 5];

export function TransferButton({ ticketId }: { ticketId: string }) {
  const isOpen = useSignal(false);
  const mine = mineOn(ticketId);
  if (!mine || mine.state === "wrapping") return null;
  return (
    <>
      <button type="button" class="button" onClick={() => (isOpen.value = true)}>
        {t("transfer")}
      </button>
      {isOpen.value && <TransferDialog assignment={mine} onClose={() => (isOpen.value = false)} />}
    </>
  );
}

function TransferDialog({ assignment, onClose }: { assignment: Assignment; onClose: () => void }) {
  const kept = `guichet.draft.${assignment.id}.transfer`;
  const targets = useSignal<TransferTargets | null>(null);
  const kind = useSignal<Kind>("topic");
  const chosen = useSignal<Record<Kind, string>>({ topic: "", agent: "", skill: "" });
  const level = useSignal(1);
  const note = useSignal(readStored<string>(sessionStorage, kept) ?? "");
  const failure = useSignal("");
  const path = `/api/v1/assignments/${assignment.id}`;

  useEffect(() => {
    api
      .get<TransferTargets>(`${path}/transfer-targets`)
      .then((answer) => (targets.value = answer))
      .catch((error: unknown) => (failure.value = explain(error)));
  }, []);

  async function submit(event: Event) {
    event.preventDefault();
    const words = note.value.trim();
    const body = {
      [FIELD[kind.value]]: chosen.value[kind.value],
      ...(kind.value === "skill" && { level: level.value }),
      ...(words && { note: words }),
    };
    try {
      await api.send("POST", `${path}/transfer`, { body });
      store(sessionStorage, kept, null);
      onClose();
      tell(t("transferred"));
      await refetchWork();
    } catch (error) {
      failure.value = explain(error);
    }
  }

  return (
    <Dialog title={t("transfer_title")} onClose={onClose}>
      <form class="stack" onSubmit={(event) => void submit(event)}>
        <p class="muted">{t("transfer_lead")}</p>
        <p class={failure.value ? "alert" : ""} role="alert">
          {failure.value}
        </p>
        <fieldset class="stack">
          <legend class="label">{t("transfer_to")}</legend>
          {KINDS.map((one) => (
            <label key={one} class="check">
              <input type="radio" name="kind" checked={kind.value === one} onChange={() => (kind.value = one)} />
              {t(`transfer_${one}`)}
            </label>
          ))}
        </fieldset>
        {targets.value && (
          <Choice
            kind={kind.value}
            targets={targets.value}
            value={chosen.value[kind.value]}
            onChange={(value) => (chosen.value = { ...chosen.value, [kind.value]: value })}
          />
        )}
        {kind.value === "skill" && (
          <div class="field">
            <label for="transfer-level">{t("skill_level")}</label>
            <select
              id="transfer-level"
              value={level.value}
              onChange={(event) => (level.value = Number(event.currentTarget.value))}
            >
              {LEVELS.map((n) => (
                <option key={n} value={n}>
                  {n}
                </option>
              ))}
            </select>
          </div>
        )}
        <div class="field">
          <label for="transfer-note">{t("transfer_note")}</label>
          <textarea
            id="transfer-note"
            maxLength={4000}
            value={note.value}
            onInput={(event) => store(sessionStorage, kept, (note.value = event.currentTarget.value))}
          />
        </div>
        <DialogActions submit={t("transfer_confirm")} onCancel={onClose} />
      </form>
    </Dialog>
  );
}

interface ChoiceProps {
  kind: Kind;
  targets: TransferTargets;
  value: string;
  onChange: (value: string) => void;
}

function Choice({ kind, targets, value, onChange }: ChoiceProps) {
  return (
    <div class="field">
      <label for="transfer-target">{t(`transfer_${kind}`)}</label>
      <select
        id="transfer-target"
        required
        aria-describedby={kind === "agent" ? "transfer-hint" : undefined}
        value={value}
        onChange={(event) => onChange(event.currentTarget.value)}
      >
        <option value="" disabled>
          …
        </option>
        {options(kind, targets).map(([id, name]) => (
          <option key={id} value={id}>
            {name}
          </option>
        ))}
      </select>
      {kind === "agent" && (
        <p class="hint" id="transfer-hint">
          {t("transfer_agent_hint")}
        </p>
      )}
    </div>
  );
}

function options(kind: Kind, { topics, agents, skills }: TransferTargets): [string, string][] {
  if (kind === "skill") return skills.map(({ code, name }) => [code, name]);
  if (kind === "agent") {
    return agents.map(({ id, name, state }) => [id, t("transfer_agent_state", { name, state: word("state", state) })]);
  }
  return topics.map(({ id, name, queue, waiting, is_current }) => {
    const standing = t("transfer_topic_waiting", { name, queue: queue.name, n: waiting });
    return [id, is_current ? t("transfer_topic_current", { topic: standing }) : standing];
  });
}
