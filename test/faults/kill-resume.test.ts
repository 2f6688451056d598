import { expect, it } from 'vitest';
import { killAndResume } from './kill-resume.ts';

// A few rounds here; `npm run faults -- --rounds 100` for the whole of it.
it('a job killed at random moments and resumed writes the bytes of an undisturbed one', async () => {
  const report = await killAndResume({ rounds: 3, images: 3, seed: 20261121 });
  expect(report.differences).toEqual([]);
  expect(report.kills).toBeGreaterThan(0);
});
