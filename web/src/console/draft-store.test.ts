// A draft is checked as it was asked about: what is answered late about another one counts for nothing.
import { describe, expect, it } from "vitest";
import { serve } from "../testing/page";
import type { PhoneMenu, Plan } from "../api/types";
import { MenuStore } from "./menu-store";
import { PlanStore } from "./plan-store";

type Answer = Awaited<ReturnType<Parameters<typeof serve>[0]>>;

function opened<S extends PlanStore | MenuStore>(store: S) {
  store.inForce.value = { number: 1, document: { topics: [], options: [] } } as unknown as Plan & PhoneMenu;
  let answer!: (answer: Answer) => void;
  serve(() => new Promise((late) => (answer = late)));
  store.change({});
  const asked = store.check();
  return { store, asked, answer: (given: Answer) => answer(given) };
}

const invalid = { status: 422, body: { error: { code: "invalid_request", facts: { fields: { "document.topics": ["?"] } } } } };

describe.each([
  ["a routing plan", () => new PlanStore("c"), { coverage: [] }],
  ["a phone menu", () => new MenuStore("c"), { seconds: {} }],
])("%s being edited", (_, made, body) => {
  it("is checked when the server has answered about it", async () => {
    const { store, asked, answer } = opened(made());
    answer({ body });
    await asked;

    expect(store.checked.value).not.toBeNull();
  });

  it("is not checked by an answer about what it was before", async () => {
    const { store, asked, answer } = opened(made());
    store.change({});
    answer({ body });
    await asked;

    expect(store.checked.value).toBeNull();
  });

  it("has the faults that the server found, unless it changed since", async () => {
    const first = opened(made());
    first.answer(invalid);
    await expect(first.asked).rejects.toThrow();
    expect(first.store.faultsAt("topics")).toEqual(["?"]);
    const second = opened(made());
    second.store.change({});
    second.answer(invalid);
    await second.asked.catch(() => undefined);

    expect(second.store.faultsAt("topics")).toEqual([]);
  });
});
