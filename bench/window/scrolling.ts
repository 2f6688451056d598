import type { Page } from 'playwright-core';

export interface Scrolling {
  readonly frames: number;
  /** Median and 95th percentile of the milliseconds between frames, and the share of frames over 25 ms (one missed at 60 Hz). */
  readonly median: number;
  readonly percentile95: number;
  readonly missed: number;
}

/** Scrolls the list named by `selector` from its top to its end by a step a frame and times the frames. */
export async function scroll(page: Page, selector: string, frames: number): Promise<Scrolling> {
  const gaps = await page.evaluate(
    async ({ selector: wanted, frames: count }) => {
      const list = document.querySelector(wanted);
      if (list === null) throw new Error(`there is no ${wanted}`);
      const found: number[] = [];
      let last = await new Promise<number>(requestAnimationFrame);
      for (let frame = 0; frame < count; frame++) {
        list.scrollTop = ((frame + 1) / count) * (list.scrollHeight - list.clientHeight);
        const now = await new Promise<number>(requestAnimationFrame);
        found.push(now - last);
        last = now;
      }
      return found;
    },
    { selector, frames },
  );
  const sorted = gaps.toSorted((a, b) => a - b);
  return {
    frames: gaps.length,
    median: sorted[sorted.length >> 1] ?? Number.NaN,
    percentile95: sorted[Math.floor(sorted.length * 0.95)] ?? Number.NaN,
    missed: gaps.filter((gap) => gap > 25).length / gaps.length,
  };
}
