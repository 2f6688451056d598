/** How many of the latest durations count: enough to be steady, few enough to follow a change of image size. */
const window = 15;

/** Remaining time from a moving median: one slow or failed image does not make the display jump. */
export interface RemainingTime {
  /** Adds the duration of a finished image, in seconds. */
  add(seconds: number): void;
  /** Seconds left for `remaining` images of which one has run for `elapsed` seconds; null before the first duration. */
  estimate(remaining: number, elapsed: number): number | null;
}

export function remainingTime(): RemainingTime {
  const durations: number[] = [];
  return {
    add(seconds) {
      if (!Number.isFinite(seconds) || seconds < 0) return;
      durations.push(seconds);
      if (durations.length > window) durations.shift();
    },
    estimate(remaining, elapsed) {
      if (durations.length === 0) return remaining === 0 ? 0 : null;
      const typical = median(durations);
      return Math.max(0, remaining * typical - Math.min(elapsed, typical));
    },
  };
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  const upper = sorted[middle] ?? 0;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? 0) + upper) / 2;
}
