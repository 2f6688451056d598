import type { Page } from 'playwright-core';

export interface Scrolling {
  /** Milliseconds between frames, one for each. */
  readonly gaps: readonly number[];
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
      list.scrollTop = 0;
      return found;
    },
    { selector, frames },
  );
  return { gaps };
}
