import { expect, test } from 'vitest';
import { latestWins } from './latest-wins.ts';

test('inputs that arrive while one is under way replace each other', async () => {
  const seen: number[] = [];
  const run = latestWins(async (input: number) => {
    seen.push(input);
    await Promise.resolve();
  });
  await Promise.all([run(1), run(2), run(3), run(4)]);
  expect(seen).toEqual([1, 4]);
});

test('a failed task does not stop later ones', async () => {
  const seen: number[] = [];
  const run = latestWins(async (input: number) => {
    if (input === 1) throw new Error('no');
    seen.push(input);
  });
  await expect(run(1)).rejects.toThrow('no');
  await run(2);
  expect(seen).toEqual([2]);
});
