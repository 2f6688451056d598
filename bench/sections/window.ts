import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type BenchSection, NotMeasured } from '../harness.ts';
import { busyRows } from '../window/busy-rows.ts';
import { previewRows } from '../window/preview-rows.ts';
import { restRows } from '../window/rest-rows.ts';
import { scrollRows } from '../window/scroll-rows.ts';
import { startRows } from '../window/start-rows.ts';

export const section: BenchSection = {
  name: 'window',
  question: 'Does the window start, preview, scroll and answer as quickly as a person expects?',
  run: async ({ say }) => {
    if (process.platform !== 'linux') throw new NotMeasured('memory and processor time are read from /proc');
    const folder = await mkdtemp(join(tmpdir(), 'medlocker-bench-window-'));
    try {
      const start = await startRows(folder);
      say('started');
      const rest = await restRows(folder);
      say('at rest');
      const previews = await previewRows(folder);
      say('previews made');
      const scrolled = await scrollRows(folder, say);
      say('scrolled');
      const busy = await busyRows(folder);
      return { rows: [...start, ...rest, ...previews, ...scrolled, ...busy], notes };
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  },
};

const notes = [
  'The built window (dist/) in a real Electron on a virtual screen, its pixels drawn by the processor: a machine with a graphics card scrolls more smoothly.',
  'machine: how many times its processor time a piece of arithmetic takes beside the figure; x 1.0 is a machine that does nothing else.',
  'control: what this machine does at the same moment with a program that does nothing.',
  'start: from before the process is created to the paint of the first screen, the engine starting after it; the first start is not counted.',
  'memory: proportional set size of all processes 10 s after the start, what they share counted once; another Electron on the machine makes it smaller and is counted.',
  'preview: request and answer in the page, opacity changed each time, bundled grader; processor: of the engine, all threads.',
  'scrolling: from top to end in 300 steps, three times; from .. to: 5th and 95th percentile; processor: of the window a frame.',
  "tasks: Chromium's own trace of the message loops while the sample set is protected; from: the median task. The processor time is the program's part of it, the rest is waiting for a processor.",
];
