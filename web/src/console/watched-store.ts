// A draft that is checked whenever one pauses in writing it.
import { effect } from "@preact/signals";
import { DraftStore, type Published } from "./draft-store";

const PAUSE_MS = 500;

export abstract class WatchedStore<D extends object, P extends Published<D>, F> extends DraftStore<D, P, F> {
  override follow(): () => void {
    let timer: ReturnType<typeof setTimeout> | undefined;
    const stop = effect(() => {
      clearTimeout(timer);
      // A failure of the network is told when one checks or publishes by oneself.
      if (this.draft.value) timer = setTimeout(() => void this.check().catch(() => undefined), PAUSE_MS);
    });
    return () => {
      clearTimeout(timer);
      stop();
    };
  }

  protected override begin(...draft: Parameters<DraftStore<D, P, F>["begin"]>): void {
    // What was wrong stays named until the draft is checked anew: it would flicker with every letter.
    const faults = draft[0] ? this.faults.value : {};
    super.begin(...draft);
    this.faults.value = faults;
  }
}
