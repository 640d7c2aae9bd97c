// Sentences for screen readers, said once: polite ones wait for a pause, urgent ones interrupt.
import { signal } from "@preact/signals";

const polite = signal("");
const urgent = signal("");

/** The same sentence twice must be heard twice: an invisible mark makes it differ. */
function different(before: string, sentence: string): string {
  return before === sentence ? `${sentence}\u200b` : sentence;
}

export function announce(sentence: string): void {
  polite.value = different(polite.value, sentence);
}

export function announceUrgently(sentence: string): void {
  urgent.value = different(urgent.value, sentence);
}

export function Announcer() {
  return (
    <>
      <div class="unseen" role="status">
        {polite}
      </div>
      <div class="unseen" role="alert">
        {urgent}
      </div>
    </>
  );
}

/** An announcer that speaks at most once per *everySeconds*; in between, only the latest sentence is kept. */
export function throttled(everySeconds: number, say: (sentence: string) => void): (sentence: string) => void {
  let latest: string | null = null;
  let timer: ReturnType<typeof setTimeout> | undefined;
  function speak(sentence: string) {
    say(sentence);
    latest = null;
    timer = setTimeout(() => {
      timer = undefined;
      if (latest !== null) speak(latest);
    }, everySeconds * 1000);
  }
  return (sentence) => {
    if (timer === undefined) speak(sentence);
    else latest = sentence;
  };
}
