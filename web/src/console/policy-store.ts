// A campaign's policy being edited: checked while one writes, kept as the campaign's one draft, published by one or two.
import { ApiError } from "../api/http";
import type { Language, Policy, PolicyDocument } from "../api/types";
import { same } from "./draft-store";
import { api } from "./session";
import { WatchedStore } from "./watched-store";

/** `checked`: what the draft on screen would change, a sentence each. */
export class PolicyStore extends WatchedStore<PolicyDocument, Policy, string[]> {
  constructor(campaignId: string) {
    super(`/api/v1/campaigns/${campaignId}/policy`, "policy");
  }

  get languages(): Language[] {
    return this.inForce.value!.languages;
  }

  override get timeZone(): string {
    return this.inForce.value!.time_zone;
  }

  override get isUnsaved(): boolean {
    const { draft, inForce } = this;
    return draft.value !== null && !same(draft.value.document, inForce.value!.draft?.document);
  }

  /** Take what stood in a file, right or wrong, as long as it can be shown; else the server's refusal is thrown. */
  takeFile(text: Promise<string>): Promise<boolean> {
    return this.takeFrom(this.showable(text));
  }

  private async showable(text: Promise<string>): Promise<PolicyDocument> {
    const document = JSON.parse(await text) as PolicyDocument;
    try {
      await this.ask(document);
    } catch (error) {
      if (!(error instanceof ApiError && error.facts["is_well_formed"])) throw error;
    }
    return document;
  }

  /** Keep it for colleagues, and for another day. */
  async save(): Promise<void> {
    const { base_number, document } = this.draft.value!;
    const version = this.inForce.value!.draft?.version ?? 0;
    await this.send("PUT", "/draft", { version, base_number, document });
  }

  override async publish(reason: string, more: object = {}): Promise<number> {
    await this.save();
    const { version, number } = this.inForce.value!.draft!;
    await this.act("/draft/publish", { version, reason, ...more });
    this.discard();
    return number;
  }

  act(path: string, body: object): Promise<void> {
    return this.send("POST", path, body);
  }

  private async send(method: "PUT" | "POST", path: string, body: object): Promise<void> {
    try {
      this.inForce.value = await api.send<Policy>(method, this.path + path, { body });
    } catch (error) {
      // What a colleague kept meanwhile is shown before anybody tries again.
      if (this.isDraftTaken(error)) await this.load();
      throw error;
    }
  }

  /** Throw away the kept draft that was read. */
  async discardSaved(version: number): Promise<void> {
    await api.send("DELETE", `${this.path}/draft?version=${version}`);
    await this.load();
  }

  /** That the kept draft is not the one that was read is what *error* says. */
  isDraftTaken(error: unknown): boolean {
    return error instanceof ApiError && error.code === "conflict" && error.facts["version"] !== undefined;
  }

  override newer(error: unknown): number | null {
    const number = error instanceof ApiError && error.code === "conflict" ? error.facts["number"] : undefined;
    return number === undefined ? null : Number(number);
  }

  protected async ask(document: PolicyDocument): Promise<string[]> {
    const found = await api.send<{ changes: string[] }>("POST", `${this.path}/check`, { body: { document } });
    return found.changes;
  }
}
