// Something of a campaign that is edited as a draft and published in versions: the draft lives in this tab until then.
import { signal, type Signal } from "@preact/signals";
import { ApiError } from "../api/http";
import { readStored, store } from "../ui/stored";
import { api } from "./session";

interface Draft<D> {
  base_number: number;
  document: D;
}

export interface Published<D> {
  number: number;
  document: D;
}

/** What the server found wrong, by place in the document: `topics.0.steps`. */
export type Faults = Record<string, string[]>;

/** `F`: what the server finds of a draft that it does not refuse. */
export abstract class DraftStore<D extends object, P extends Published<D>, F = unknown> {
  readonly inForce = signal<P | null>(null);
  readonly draft: Signal<Draft<D> | null>;
  readonly faults = signal<Faults>({});
  /** Of what is on screen, once it was checked; null when it changed since. */
  readonly checked = signal<F | null>(null);

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

  /** By whose clock moments are told; none: by the browser's. */
  get timeZone(): string | undefined {
    return undefined;
  }

  /** Whatever is to happen while the draft is on screen, until the returned function is called. */
  follow(): () => void {
    return () => undefined;
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

  /** Edit the document that is on its way, unless one wrote on meanwhile: then nothing is taken, and the answer is false. */
  async takeFrom(coming: Promise<D>): Promise<boolean> {
    const begun = this.draft.value;
    const document = await coming;
    if (this.draft.value !== begun) return false;
    this.take(document);
    return true;
  }

  /** What is on screen would be lost by taking something else. */
  get isUnsaved(): boolean {
    return this.draft.value !== null;
  }

  discard(): void {
    this.begin(null);
  }

  /** Ask the server what it thinks of the draft; it refuses with the faults. False when the draft changed meanwhile. */
  async check(): Promise<boolean> {
    const { document } = this;
    try {
      const found = await this.ask(this.sent(document));
      if (document !== this.document) return false;
      this.faults.value = {};
      this.checked.value = found;
    } catch (error) {
      if (document !== this.document) return false;
      if (error instanceof ApiError && error.facts["fields"]) this.showFaults(error.facts["fields"] as Faults);
      throw error;
    }
    return true;
  }

  protected abstract ask(document: D): Promise<F>;

  /** The document as the server knows it. */
  protected sent(document: D): D {
    return document;
  }

  async publish(reason: string, more: object = {}): Promise<number> {
    const { base_number, document } = this.draft.value!;
    const body = { base_number, document: this.sent(document), reason, ...more };
    const published = await api.send<P>("POST", this.path, { body });
    this.discard();
    this.inForce.value = published;
    return published.number;
  }

  /** The version that came first, when that is what *error* says. */
  newer(error: unknown): number | null {
    return error instanceof ApiError && error.code === "conflict" ? Number(error.facts["version"]) : null;
  }

  /** What is wrong at a place of the document, or below it. */
  faultsAt(place: string): string[] {
    const found = Object.entries(this.faults.value).filter(([name]) => name === place || name.startsWith(`${place}.`));
    return [...new Set(found.flatMap(([, sentences]) => sentences))];
  }

  /** Say beside each field what the server refused there. */
  private showFaults(fields: Faults): void {
    this.faults.value = Object.fromEntries(
      Object.entries(fields).map(([place, sentences]) => [place.replace(/^document\./, ""), sentences]),
    );
  }

  protected begin(draft: Draft<D> | null): void {
    this.draft.value = draft;
    this.faults.value = {};
    this.checked.value = null;
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
