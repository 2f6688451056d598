import type { Page } from 'playwright-core';

interface Ears {
  heardByTest: string[];
}

/** Listens to live regions from now on, as a screen reader does. */
export async function hear(page: Page): Promise<void> {
  await page.evaluate(() => {
    const all: string[] = [];
    (globalThis as unknown as Ears).heardByTest = all;
    const live = '[aria-live="polite"], [aria-live="assertive"], [role="status"], [role="alert"]';
    new MutationObserver((changes) => {
      const regions = new Set<Element>();
      for (const { target } of changes) {
        const element = target instanceof Element ? target : target.parentElement;
        const region = element?.closest(live);
        if (region != null) regions.add(region);
      }
      for (const { textContent } of regions) {
        const words = textContent.replaceAll(/\s+/g, ' ').trim();
        if (words !== '') all.push(words);
      }
    }).observe(document, { subtree: true, childList: true, characterData: true });
  });
}

/** What has been read out so far. */
export function heard(page: Page): Promise<string[]> {
  return page.evaluate(() => (globalThis as unknown as Ears).heardByTest);
}
