import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { modelCardSchema } from '../../src/shared/train-job.ts';
import { bindingIsInstalled } from '../../src/ml/runtime/tensorflow.ts';
import { jsonLines, startMedlocker } from '../end-to-end/medlocker.ts';
import { makeWorkplace, writeEye, type Workplace } from '../end-to-end/workplace.ts';
import { limitMemory, noMemoryLimit } from './memory-limit.ts';

const images = 40;
let place: Workplace;

describe.skipIf(noMemoryLimit !== null)(
  `what a process may still take (${noMemoryLimit ?? 'under a limit'})`,
  () => {
    it('is told by its limit, with the cache of files counted as free', async () => {
      const limit = limitMemory(`medlocker-cache-${process.pid}`, 600 * 2 ** 20);
      const folder = await mkdtemp(join(tmpdir(), 'cache-'));
      try {
        const file = join(folder, 'large');
        await writeFile(file, '');
        await truncate(file, 500 * 2 ** 20);
        const module = new URL('../../src/ml/runtime/available-memory.ts', import.meta.url);
        const script = `
        import { createReadStream } from 'node:fs';
        const { availableMemory } = await import(${JSON.stringify(module)});
        await new Promise((resolve) => process.once('message', resolve));
        for await (const _ of createReadStream(${JSON.stringify(file)}, { highWaterMark: 2 ** 20 }));
        process.send([process.availableMemory(), availableMemory()]);
        process.disconnect();`;
        const child = spawn(process.execPath, ['--input-type=module', '--eval', script], {
          stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
        });
        limit.add(child.pid);
        child.send('go');
        const [[plain, available]] = (await once(child, 'message')) as [[number, number]];
        await once(child, 'exit');
        // Half a gigabyte of file was read: what the system itself calls free is small.
        expect(plain).toBeLessThan(200 * 2 ** 20);
        expect(available).toBeGreaterThan(300 * 2 ** 20);
        expect(available).toBeLessThan(600 * 2 ** 20);
      } finally {
        await rm(folder, { recursive: true });
        limit.remove();
      }
    });
  },
);

describe.skipIf(noMemoryLimit !== null || !bindingIsInstalled())(
  `medlocker train with too little memory (${noMemoryLimit ?? 'left out without libtensorflow'})`,
  () => {
    beforeAll(async () => {
      place = await makeWorkplace(['a.png']);
      const lines = ['file,grade,patient'];
      for (let i = 0; i < images; i++) {
        await writeEye(place.path('eyes', `${i}.png`), i, 64);
        lines.push(`${i}.png,${i % 5},patient ${i}`);
      }
      await writeFile(place.path('labels.csv'), lines.join('\n'));
    });
    afterAll(() => place.remove());

    it('computes its batches in parts instead of being killed, and says so in the run and on the card', async () => {
      const limit = limitMemory(`medlocker-train-${process.pid}`, 1600 * 2 ** 20);
      try {
        // A whole batch takes four times the limit.
        const { child, ended } = startMedlocker([
          ...['train', place.path('eyes'), '--labels', place.path('labels.csv'), '--out', place.path('out')],
          ...['--arch', 'mobilenetv2', '--name', 'tiny', '--size', '224', '--batch', '24', '--threads', '2'],
          ...['--epochs', '1', '--json'],
        ]);
        limit.add(child.pid);
        const { code, signal, stdout, stderr } = await ended;
        expect({ code, signal }).toEqual({ code: 0, signal: null });
        const parts = Number(
          /memory is short \(.* GB needed, .* GB free\): batches of 24 are computed in (\d+) parts/.exec(
            stderr,
          )?.[1],
        );
        expect(parts).toBeGreaterThan(1);
        const lines = jsonLines(stdout);
        expect(lines.find(({ kind }) => kind === 'epoch')?.['parts']).toBe(parts);
        const card = modelCardSchema.parse(lines.find(({ kind }) => kind === 'result')?.['card']);
        expect(card.settings).toMatchObject({ batchSize: 24, parts });
      } finally {
        limit.remove();
      }
    });
  },
);
