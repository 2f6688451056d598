import { describe, expect, it } from 'vitest';
import { Failure } from '../../shared/failure.ts';
import { jobEventSchema, type JobEvent } from '../../shared/job-events.ts';
import { eventStream } from './event-stream.ts';
import { runItems, type ItemEnd } from './run-items.ts';

const done: ItemEnd = { state: 'done' };

function setUp(names: readonly string[], work: (name: string) => Promise<ItemEnd>) {
  const events: JobEvent[] = [];
  const emit = eventStream('job', (event) => events.push(jobEventSchema.parse(event)));
  return {
    events,
    options: {
      items: names.map((path) => ({ path })),
      emit,
      work: ({ path }: { path: string }) => work(path),
    },
  };
}

describe('runItems', () => {
  it('goes on after a failed image and lists it with code and reason', async () => {
    const { options, events } = setUp(['a', 'b', 'c'], async (name) => {
      if (name === 'b') throw new Failure('image-unreadable', 'b: is damaged\nsecond line');
      return done;
    });
    const result = await runItems(options);
    expect(result.outcome).toBe('with-failures');
    expect(result.totals).toEqual({ total: 3, done: 2, kept: 0, noRoom: 0, failed: 1 });
    expect(result.failures).toMatchObject([
      { path: 'b', code: 'image-unreadable', reason: 'is damaged‹U+000A›second line' },
    ]);
    expect(events.map(({ sequence }) => sequence)).toEqual(events.map((_, index) => index + 1));
  });

  it('reports a defect as one, and goes on', async () => {
    const { options } = setUp(['a', 'b'], async (name) => {
      if (name === 'a') throw new TypeError('x is undefined');
      return done;
    });
    const { failures, totals } = await runItems(options);
    expect(failures[0]).toMatchObject({
      code: 'defect',
      reason: 'a defect of the program: TypeError: x is undefined',
    });
    expect(totals.done).toBe(1);
  });

  it('stops the whole job for a full disk, but not for one name that is too long', async () => {
    const failing = (code: string) =>
      setUp(['a', 'b'], async () => {
        const cause = Object.assign(new Error(code), { code });
        throw new Failure('output-not-writable', 'cannot write', { cause });
      }).options;
    await expect(runItems(failing('ENOSPC'))).rejects.toThrow('cannot write');
    expect((await runItems(failing('ENAMETOOLONG'))).totals.failed).toBe(2);
  });

  it('drops the current image and ends as cancelled, not as failed', async () => {
    const controller = new AbortController();
    const { options } = setUp(['a', 'b', 'c'], async (name) => {
      if (name === 'b') {
        controller.abort(new Error('cancelled'));
        controller.signal.throwIfAborted();
      }
      return done;
    });
    const result = await runItems({ ...options, signal: controller.signal });
    expect(result.outcome).toBe('cancelled');
    expect(result.totals).toEqual({ total: 3, done: 1, kept: 0, noRoom: 0, failed: 0 });
  });

  it('does not work on what it recalls, nor time it', async () => {
    const worked: string[] = [];
    const { options, events } = setUp(['a', 'b'], async (name) => {
      worked.push(name);
      return done;
    });
    const result = await runItems({
      ...options,
      recall: async ({ path }) => (path === 'a' ? { state: 'kept' } : null),
    });
    expect(worked).toEqual(['b']);
    expect(result.totals).toMatchObject({ kept: 1, done: 1 });
    const first = events.find((event) => event.kind === 'progress');
    expect(first).toMatchObject({ finished: 1, etaSeconds: null });
  });

  it('tells about new failures only, so that the journal does not grow with each run', async () => {
    const told: string[] = [];
    const { options } = setUp(['a', 'b'], async () => Promise.reject(new Failure('image-unreadable', 'bad')));
    await runItems({
      ...options,
      recall: async ({ path }) =>
        path === 'a' ? { state: 'failed', code: 'image-unreadable', reason: 'bad' } : null,
      onFailure: async ({ path }) => void told.push(path),
    });
    expect(told).toEqual(['b']);
  });
});
