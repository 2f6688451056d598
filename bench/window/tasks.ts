import { readFile, rm } from 'node:fs/promises';
import type { ElectronApplication } from 'playwright-core';
import { z } from 'zod';

/** A task of a thread's message loop, in milliseconds: from its begin to its end, and what it used of a processor in between. */
export interface Task {
  readonly wall: number;
  readonly processor: number;
}

export interface Tasks {
  readonly page: readonly Task[];
  readonly main: readonly Task[];
}

const traceSchema = z.object({
  traceEvents: z.array(
    z.object({
      name: z.string(),
      ph: z.string(),
      pid: z.number(),
      tid: z.number(),
      dur: z.number().optional(),
      tdur: z.number().optional(),
      args: z.object({ name: z.unknown() }).partial().optional(),
    }),
  ),
});

/** Chromium notes every task of its threads from now on. */
export async function traceTasks(electron: ElectronApplication): Promise<() => Promise<Tasks>> {
  await electron.evaluate(({ contentTracing }) =>
    contentTracing.startRecording({ included_categories: ['toplevel'], excluded_categories: ['*'] }),
  );
  return async () => {
    const file = await electron.evaluate(({ contentTracing }) => contentTracing.stopRecording());
    const text = await readFile(file, 'utf8');
    await rm(file, { force: true });
    return tasksOf(traceSchema.parse(JSON.parse(text)).traceEvents);
  };
}

function tasksOf(events: z.infer<typeof traceSchema>['traceEvents']): Tasks {
  const threads = new Map(
    events
      .filter(({ name }) => name === 'thread_name')
      .map(({ pid, tid, args }) => [`${pid} ${tid}`, args?.name]),
  );
  const of = (thread: string): Task[] =>
    events.flatMap(({ name, ph, pid, tid, dur = 0, tdur = 0 }) =>
      ph === 'X' && name.endsWith('RunTask') && threads.get(`${pid} ${tid}`) === thread
        ? [{ wall: dur / 1000, processor: tdur / 1000 }]
        : [],
    );
  return { page: of('CrRendererMain'), main: of('CrBrowserMain') };
}
