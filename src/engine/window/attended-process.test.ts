import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { getPriority, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { AttendedProcess, type Exit } from './attended-process.ts';

let folder: string;
beforeAll(async () => void (folder = await mkdtemp(join(tmpdir(), 'medlocker-attended-'))));
afterAll(() => rm(folder, { recursive: true, force: true }));

async function runs(
  name: string,
  code: string,
  awaited = false,
): Promise<{ messages: unknown[]; exit: Exit }> {
  const script = join(folder, `${name}.mjs`);
  await writeFile(script, code);
  const messages: unknown[] = [];
  const exit = await new Promise<Exit>((onExit) => {
    new AttendedProcess(script, {
      patience: 1000,
      awaited,
      onMessage: (message) => messages.push(message),
      onExit,
    });
  });
  return { messages, exit };
}

it('gives way to what a person waits for, with its threads', async () => {
  const { messages } = await runs(
    'priority',
    `import { getPriority } from 'node:os';
     import { Worker } from 'node:worker_threads';
     const worker = new Worker('require("node:worker_threads").parentPort.postMessage(require("node:os").getPriority())', { eval: true });
     worker.once('message', (thread) => process.send([getPriority(), thread], () => process.exit()));`,
  );
  const [[process, thread]] = messages as [[number, number]];
  expect(process).toBeGreaterThan(getPriority());
  expect(thread).toBe(process);
});

it('does not give way while a person waits for it', async () => {
  const { messages } = await runs(
    'awaited',
    `import { getPriority } from 'node:os';
     process.send(getPriority(), () => process.exit());`,
    true,
  );
  expect(messages).toEqual([getPriority()]);
});

it('tells the last words of a process that ends by itself', async () => {
  const { exit } = await runs('fails', `process.stderr.write('no library', () => process.exit(3));`);
  expect(exit).toEqual({ code: 3, signal: null, lastWords: 'no library', cancelled: false });
});
