// A campaign's policy being edited: checked while one writes, kept as the campaign's one draft, published by one or two.
import { ApiError } from "../api/http";
import type { Language, Policy, PolicyDocument } from "../api/types";
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

  /** Take what stood in a file, right or wrong, as long as it can be shown; else the server's refusal is thrown. */
  async takeFile(text: string): Promise<void> {
    const document = JSON.parse(text) as PolicyDocument;
    try {
      await this.ask(document);
    } catch (error) {
      if (!(error instanceof ApiError && error.facts["is_well_formed"])) throw error;
    }
    this.take(document);
  }

  /** Keep it for colleagues, and for another day. */
  async save(): Promise<void> {
    const { base_number, document } = this.draft.value!;
    const version = this.inForce.value!.draft?.version ?? 0;
    try {
      this.inForce.value = await api.send<Policy>("PUT", `${this.path}/draft`, {
        body: { version, base_number, document },
      });
    } catch (error) {
      // Whoever tries again has seen what the other one wrote.
      if (error instanceof ApiError && error.code === "conflict") await this.load();
      throw error;
    }
  }

  override async publish(reason: string, more: object = {}): Promise<number> {
    await this.save();
    const { version, number } = this.inForce.value!.draft!;
    await this.act("/draft/publish", { version, reason, ...more });
    this.discard();
    return number;
  }

  async act(path: string, body: object): Promise<void> {
    this.inForce.value = await api.send<Policy>("POST", this.path + path, { body });
  }

  async discardSaved(): Promise<void> {
    await api.send("DELETE", `${this.path}/draft`);
    await this.load();
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
