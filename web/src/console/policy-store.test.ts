// Nothing that a colleague wrote, or that one wrote oneself, is replaced unseen.
import { describe, expect, it } from "vitest";
import { serve } from "../testing/page";
import type { Policy, PolicyDocument } from "../api/types";
import { PolicyStore } from "./policy-store";

const document = { territory: "FR" } as PolicyDocument;
const draft = (version: number) => ({ version, number: 2, document, author: { id: "them", name: "Claire" } });
const policy = (version: number) => ({ number: 1, document, draft: version ? draft(version) : null }) as unknown as Policy;
const conflict = { status: 409, body: { error: { code: "conflict", facts: { version: 4 } } } };

function opened(version: number): PolicyStore {
  sessionStorage.clear();
  const store = new PolicyStore("c");
  store.inForce.value = policy(version);
  return store;
}

describe("a policy being edited", () => {
  it("throws away only the kept draft that was read", async () => {
    const asked: string[] = [];
    serve((what) => (asked.push(what), { body: policy(0) }));
    await opened(3).discardSaved(3);

    expect(asked[0]).toBe("DELETE /api/v1/campaigns/c/policy/draft?version=3");
  });

  it.each(["PUT", "POST"])("shows the draft that a colleague kept when publishing is refused for it (%s)", async (refused) => {
    const store = opened(3);
    store.change({ territory: "RE" });
    serve((what) => (what.startsWith(refused) ? conflict : { body: policy(4) }));
    const error: unknown = await store.publish("why").catch((one: unknown) => one);

    expect(store.isDraftTaken(error)).toBe(true);
    expect(store.inForce.value!.draft!.version).toBe(4);
    expect(store.document.territory).toBe("RE");
  });

  it("takes a file unless one wrote on while it was read", async () => {
    const store = opened(0);
    let answer!: (answer: { body: unknown }) => void;
    serve(() => new Promise((late) => (answer = late)));
    const taken = store.takeFile(Promise.resolve(JSON.stringify({ territory: "YT" })));
    store.change({ territory: "RE" });
    await new Promise((later) => setTimeout(later));
    answer({ body: { changes: [] } });

    expect(await taken).toBe(false);
    expect(store.document.territory).toBe("RE");
  });

  it("has something to lose while its draft is nowhere else", () => {
    const store = opened(3);
    expect(store.isUnsaved).toBe(false);
    store.take(document);
    expect(store.isUnsaved).toBe(false);
    store.change({ territory: "RE" });

    expect(store.isUnsaved).toBe(true);
  });
});
