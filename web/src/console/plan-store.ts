// A routing plan being edited: the draft lives in this tab until it is published or given up.
import { signal } from "@preact/signals";
import type { Coverage, Names, Plan, PlanDocument } from "../api/types";
import { t } from "../i18n/console";
import { language } from "../i18n/language";
import { readStored, store } from "../ui/stored";
import { api } from "./session";

interface Draft {
  base_number: number;
  document: PlanDocument;
}

const nameOf = (campaignId: string) => `guichet.plan.${campaignId}`;

export class PlanStore {
  readonly plan = signal<Plan | null>(null);
  readonly draft = signal<Draft | null>(null);
  /** Of the draft, once it was checked; null when it changed since. */
  readonly checked = signal<Coverage[] | null>(null);
  /** By place in the document, `topics.0.steps`: what is wrong there. */
  readonly faults = signal<Record<string, string[]>>({});

  constructor(readonly campaignId: string) {
    this.draft.value = readStored<Draft>(sessionStorage, nameOf(campaignId));
  }

  get path(): string {
    return `/api/v1/campaigns/${this.campaignId}/routing`;
  }

  /** What is on screen: the draft, else the plan in force. */
  get document(): PlanDocument {
    return this.draft.value?.document ?? this.plan.value!.document;
  }

  /** Who could answer what is on screen; the draft's own answer once it was checked. */
  get coverage(): Coverage[] {
    return this.checked.value ?? (this.draft.value ? [] : this.plan.value!.coverage);
  }

  async load(): Promise<void> {
    this.plan.value = await api.get<Plan>(this.path);
  }

  change(part: Partial<PlanDocument>): void {
    const base_number = this.draft.value?.base_number ?? this.plan.value!.number;
    this.begin({ base_number, document: { ...this.document, ...part } });
  }

  /** Edit *document* on top of what is in force now. */
  take(document: PlanDocument): void {
    this.begin({ base_number: this.plan.value!.number, document });
  }

  discard(): void {
    this.begin(null);
  }

  async check(): Promise<void> {
    const { coverage } = await api.send<{ coverage: Coverage[] }>("POST", `${this.path}/check`, {
      body: { document: this.document },
    });
    this.faults.value = {};
    this.checked.value = coverage;
  }

  async publish(reason: string, accepts_unserved: boolean): Promise<number> {
    const { base_number, document } = this.draft.value!;
    const body = { base_number, document, reason, accepts_unserved };
    const published = await api.send<Plan>("POST", this.path, { body });
    this.discard();
    this.plan.value = published;
    return published.number;
  }

  /** Say beside each field what the server refused there. */
  showFaults(fields: Record<string, string[]>): void {
    this.faults.value = Object.fromEntries(
      Object.entries(fields).map(([place, sentences]) => [place.replace(/^document\./, ""), sentences]),
    );
  }

  private begin(draft: Draft | null): void {
    this.draft.value = draft;
    this.checked.value = null;
    this.faults.value = {};
    store(sessionStorage, nameOf(this.campaignId), draft);
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

function same(one: unknown, other: unknown): boolean {
  return JSON.stringify(sorted(one)) === JSON.stringify(sorted(other));
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (value === null || typeof value !== "object") return value;
  return Object.fromEntries(
    Object.entries(value)
      .sort(([one], [other]) => (one < other ? -1 : 1))
      .map(([name, inner]) => [name, sorted(inner)]),
  );
}
