/**
 * Runs an asynchronous task for the newest input only: while one is under way, later inputs replace each other and the
 * last one follows. A drag thus asks for as many places as the engine can answer, and the last answer fits the last
 * position of the pointer.
 */
export function latestWins<T>(task: (input: T) => Promise<void>): (input: T) => Promise<void> {
  let waiting: { readonly input: T } | null = null;
  let running: Promise<void> | null = null;

  async function drain() {
    while (waiting !== null) {
      const { input } = waiting;
      waiting = null;
      await task(input);
    }
  }

  return (input) => {
    waiting = { input };
    running ??= drain().finally(() => {
      running = null;
    });
    return running;
  };
}
