// Many hints, few requests: one refetch in flight and at most one queued behind it.

/**
 * Wrap *fetch* so that calls during a run share one more run after it. That later run begins after the hint
 * that asked for it, so it cannot miss what the hint was about. Its promise settles when that run does.
 */
export function coalesce(fetch: () => Promise<void>): () => Promise<void> {
  let running: Promise<void> | null = null;
  let queued: Promise<void> | null = null;

  function run(): Promise<void> {
    running = fetch().finally(() => (running = null));
    return running;
  }

  return () => {
    if (!running) return run();
    queued ??= running
      .catch(() => undefined)
      .then(() => {
        queued = null;
        return run();
      });
    return queued;
  };
}
