// A routing plan being edited: whom it would leave without an agent, and what it changes.
import type { Coverage, Names, Plan, PlanDocument } from "../api/types";
import { t } from "../i18n/console";
import { language } from "../i18n/language";
import { DraftStore, same } from "./draft-store";
import { api } from "./session";

export class PlanStore extends DraftStore<PlanDocument, Plan, Coverage[]> {
  readonly plan = this.inForce;

  constructor(campaignId: string) {
    super(`/api/v1/campaigns/${campaignId}/routing`, "plan");
  }

  /** Who could answer what is on screen; the draft's own answer once it was checked. */
  get coverage(): Coverage[] {
    return this.checked.value ?? (this.draft.value ? [] : this.plan.value!.coverage);
  }

  protected async ask(document: PlanDocument): Promise<Coverage[]> {
    const { coverage } = await api.send<{ coverage: Coverage[] }>("POST", `${this.path}/check`, { body: { document } });
    return coverage;
  }
}

export const named = (name: Names) => (language.value === "en" && name.en) || name.fr || "–";

let made = 0;
/** An id for something new, which the server replaces by its own. */
export const newId = () => `new-${Date.now().toString(36)}-${++made}`;

/** The difference between two plans, a sentence each. */
export function differences(before: PlanDocument, after: PlanDocument): string[] {
  const lines: string[] = [];
  for (const skill of after.skills) {
    const old = before.skills.find((one) => one.code === skill.code);
    if (!old) lines.push(t("changed_skill_added", { name: named(skill.name) }));
    else if (!same(old, skill)) lines.push(t("changed_skill", { name: named(skill.name) }));
  }
  lines.push(...changes("queue", before.queues, after.queues));
  lines.push(...changes("topic", before.topics, after.topics));
  const kept = new Set(before.topics.map((one) => one.id));
  const order = after.topics.map((one) => one.id).filter((id) => kept.has(id));
  if (!same(before.topics.map((one) => one.id), order)) lines.push(t("changed_topic_order"));
  return lines;
}

const FIELDS = {
  queue: ["name", "offer_seconds", "wrap_up_seconds", "place_seconds", "target_seconds", "teams", "delays", "reserved", "overflow"],
  topic: ["name", "queue", "priority", "affinity_seconds", "is_retired", "steps"],
} as const;

type Part = { id: string; name: Names };

function changes(kind: "queue" | "topic", before: readonly Part[], after: readonly Part[]): string[] {
  return after.flatMap((one) => {
    const old = before.find((other) => other.id === one.id);
    if (!old) return [t(`changed_${kind}_added`, { name: named(one.name) })];
    const fields = FIELDS[kind].filter((field) => !same(old[field as keyof Part], one[field as keyof Part]));
    const words = fields.map((field) => (field === "queue" ? t("topic_queue") : t(`changed_${field}`)));
    return words.length ? [t(`changed_${kind}`, { name: named(one.name), fields: words.join(", ") })] : [];
  });
}
