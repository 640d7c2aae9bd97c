// Many hints make few requests, and none is missed.
import { describe, expect, it } from "vitest";
import { coalesce } from "./refetch";

/** A fetch that ends when told to. */
function controlled() {
  const endings: { resolve: () => void; reject: (error: Error) => void }[] = [];
  const fetch = () => new Promise<void>((resolve, reject) => endings.push({ resolve, reject }));
  return { fetch, endings, settled: () => new Promise((resolve) => setTimeout(resolve)) };
}

describe("coalesce", () => {
  it("runs once more after the run in flight, however many hints came", async () => {
    const { fetch, endings, settled } = controlled();
    const refetch = coalesce(fetch);
    const runs = [refetch(), refetch(), refetch(), refetch()];
    expect(endings).toHaveLength(1);
    endings[0]!.resolve();
    await settled();
    expect(endings).toHaveLength(2);
    endings[1]!.resolve();
    await Promise.all(runs);

    expect(endings).toHaveLength(2);
  });

  it("runs the queued one even when the first fails", async () => {
    const { fetch, endings, settled } = controlled();
    const refetch = coalesce(fetch);
    const [first, second] = [refetch(), refetch()];
    endings[0]!.reject(new Error("down"));
    await expect(first).rejects.toThrow("down");
    await settled();
    endings[1]!.resolve();

    await expect(second).resolves.toBeUndefined();
  });
});
