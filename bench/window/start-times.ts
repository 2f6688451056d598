import type { Readable } from 'node:stream';
import { chromium, type Page } from 'playwright-core';
import { startProgram } from './program.ts';

/** How long nobody looks: connecting in between would slow the start down. */
const undisturbed = 3000;

/** Milliseconds from just before a program's process is made until its page has painted what it consists of, by the page's clock. */
export async function startTime(what: string, data: string): Promise<number> {
  const program = await startProgram(what, data, ['--remote-debugging-port=0']);
  try {
    const address = await debuggingAddress(program.stderr);
    await new Promise((resolve) => setTimeout(resolve, undisturbed));
    const browser = await chromium.connectOverCDP(address);
    const painted = await paintedAt(await firstPage(() => browser.contexts()[0]?.pages()[0]));
    await browser.close();
    return painted - program.created;
  } finally {
    await program.close();
  }
}

async function debuggingAddress(stderr: Readable): Promise<string> {
  let text = '';
  for await (const chunk of stderr.iterator({ destroyOnReturn: false })) {
    text += String(chunk);
    const address = /DevTools listening on (ws:\S+)/.exec(text)?.[1];
    if (address === undefined) continue;
    stderr.resume();
    return address;
  }
  throw new Error(`the window did not start: ${text.slice(0, 500)}`);
}

async function firstPage(find: () => Page | undefined): Promise<Page> {
  for (;;) {
    const page = find();
    if (page !== undefined) return page;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

/** Unix milliseconds of the first paint of any content, or of the largest where that came later. */
function paintedAt(page: Page): Promise<number> {
  return page.evaluate(async () => {
    while (document.querySelector('nav button, nav a') === null) await new Promise(requestAnimationFrame);
    const times = performance.getEntriesByName('first-contentful-paint').map(({ startTime }) => startTime);
    await new Promise<void>((resolve) => {
      setTimeout(resolve, 500);
      new PerformanceObserver((list) => {
        times.push(...list.getEntries().map(({ startTime }) => startTime));
        resolve();
      }).observe({ type: 'largest-contentful-paint', buffered: true });
    });
    if (times.length === 0) throw new Error('the page has painted nothing');
    return performance.timeOrigin + Math.max(...times);
  });
}
