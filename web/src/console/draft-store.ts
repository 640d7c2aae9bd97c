// Something of a campaign that is edited as a draft and published in versions: the draft lives in this tab until then.
import { signal, type Signal } from "@preact/signals";
import type { PlanVersion } from "../api/types";
import { readStored, store } from "../ui/stored";
import { api } from "./session";

interface Draft<D> {
  base_number: number;
  document: D;
}

export type Published<D> = PlanVersion & { document: D };

/** What the server found wrong, by place in the document: `topics.0.steps`. */
export type Faults = Record<string, string[]>;

export abstract class DraftStore<D extends object, P extends Published<D>> {
  readonly inForce = signal<P | null>(null);
  readonly draft: Signal<Draft<D> | null>;
  readonly faults = signal<Faults>({});

  /** `path`: of the API; `kind`: under which the draft is kept. */
  constructor(
    readonly path: string,
    private readonly kind: string,
  ) {
    this.draft = signal(readStored<Draft<D>>(sessionStorage, this.name));
  }

  private get name(): string {
    return `guichet.${this.kind}.${this.path}`;
  }

  /** What is on screen: the draft, else what is in force. */
  get document(): D {
    return this.draft.value?.document ?? this.inForce.value!.document;
  }

  async load(): Promise<void> {
    this.inForce.value = await api.get<P>(this.path);
  }

  change(part: Partial<D>): void {
    const base_number = this.draft.value?.base_number ?? this.inForce.value!.number;
    this.begin({ base_number, document: { ...this.document, ...part } });
  }

  /** Edit *document* on top of what is in force now. */
  take(document: D): void {
    this.begin({ base_number: this.inForce.value!.number, document });
  }

  discard(): void {
    this.begin(null);
  }

  /** Ask the server what it thinks of the draft; it refuses with the faults. */
  abstract check(): Promise<void>;

  async publish(reason: string, more: object = {}): Promise<number> {
    const body = { ...this.draft.value!, reason, ...more };
    const published = await api.send<P>("POST", this.path, { body });
    this.discard();
    this.inForce.value = published;
    return published.number;
  }

  /** Say beside each field what the server refused there. */
  showFaults(fields: Faults): void {
    this.faults.value = Object.fromEntries(
      Object.entries(fields).map(([place, sentences]) => [place.replace(/^document\./, ""), sentences]),
    );
  }

  protected begin(draft: Draft<D> | null): void {
    this.draft.value = draft;
    this.faults.value = {};
    store(sessionStorage, this.name, draft);
  }
}

export function same(one: unknown, other: unknown): boolean {
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
