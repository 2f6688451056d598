import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { searchMethods } from '../../../shared/settings.ts';
import { createRandom } from '../../random.ts';
import { placementSearches } from './methods.ts';
import type { Candidate, PlacementProblem } from './problem.ts';

interface Landscape {
  readonly problem: PlacementProblem;
  readonly tried: Candidate[];
}

/** A smooth bowl with its lowest point at (90, 40); a third of the plane is illegal. */
function bowl(options: {
  trials: number;
  seed?: number;
  stopAtFirstFlip?: boolean;
  flipBelow?: number;
  offset?: number;
}): Landscape {
  const tried: Candidate[] = [];
  const isLegal = (x: number, y: number): boolean =>
    x >= 0 && y >= 0 && x <= 120 && y <= 120 && (x + y) % 3 !== 1;
  const positions: number[] = [];
  for (let y = 0; y <= 120; y += 8) for (let x = 0; x <= 120; x += 8) if (isLegal(x, y)) positions.push(x, y);
  const objective = ({ x, y, opacity }: Candidate): number =>
    ((x - 90) / 120) ** 2 + ((y - 40) / 120) ** 2 - opacity / 2550;
  return {
    tried,
    problem: {
      positions: Int32Array.from(positions),
      stride: 8,
      isLegal,
      salient: () => Promise.resolve({ x: 60, y: 60 }),
      opacity: { minimum: 100, maximum: 178 },
      trials: options.trials,
      stopAtFirstFlip: options.stopAtFirstFlip ?? false,
      score: (candidates) => {
        tried.push(...candidates);
        return Promise.resolve(
          candidates.map((candidate) => {
            const value = objective(candidate);
            return {
              objective: value + (options.offset ?? 0),
              flipped: value < (options.flipBelow ?? -Infinity),
            };
          }),
        );
      },
      random: createRandom(options.seed ?? 1),
    },
  };
}

describe.each(searchMethods)('search %s', (method) => {
  const search = placementSearches[method];

  it('tries legal candidates only, within the opacity bounds and never more than allowed', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 200 }),
        fc.integer({ min: 0, max: 1000 }),
        async (trials, seed) => {
          const { problem, tried } = bowl({ trials, seed });
          await search(problem);
          expect(tried.length).toBeLessThanOrEqual(trials);
          for (const { x, y, opacity } of tried) {
            expect(problem.isLegal(x, y)).toBe(true);
            expect(opacity).toBeGreaterThanOrEqual(100);
            expect(opacity).toBeLessThanOrEqual(178);
          }
        },
      ),
      { numRuns: 20 },
    );
  });

  it('returns the best candidate it tried', async () => {
    const { problem, tried } = bowl({ trials: 60 });
    const { score } = await search(problem);
    const best = Math.min(...(await problem.score([...tried])).map(({ objective }) => objective));
    expect(score.objective).toBe(best);
  });

  it('never asks twice for the same candidate', async () => {
    const { problem, tried } = bowl({ trials: 300 });
    await search(problem);
    expect(new Set(tried.map((candidate) => JSON.stringify(candidate))).size).toBe(tried.length);
  });

  it('gives the same answer for the same seed', async () => {
    const first = await search(bowl({ trials: 80, seed: 7 }).problem);
    const second = await search(bowl({ trials: 80, seed: 7 }).problem);
    expect(second).toEqual(first);
  });

  it('stops at the first flip when told to', async () => {
    const all = bowl({ trials: 400, flipBelow: 0.03 });
    const early = bowl({ trials: 400, flipBelow: 0.03, stopAtFirstFlip: true, offset: -0.6 });
    await search(all.problem);
    const { score } = await search(early.problem);
    expect(score.flipped).toBe(true);
    expect(early.tried.length).toBeLessThan(all.tried.length);
  });
});

describe('searches against each other', () => {
  it('coarse-to-fine gives up on a first flip that eight places leave out of sight', async () => {
    const { problem, tried } = bowl({ trials: 400, flipBelow: -9, stopAtFirstFlip: true });
    await placementSearches['coarse-to-fine'](problem);
    expect(tried.length).toBe(8);
    const deepening = bowl({ trials: 400, flipBelow: -9 });
    await placementSearches['coarse-to-fine'](deepening.problem);
    expect(deepening.tried.length).toBeGreaterThan(8);
  });

  it('bayesian gives up on a first flip once no place can plausibly reach it', async () => {
    const { problem, tried } = bowl({ trials: 400, flipBelow: -9, stopAtFirstFlip: true });
    await placementSearches.bayesian(problem);
    expect(tried.length).toBeLessThan(40);
    const deepening = bowl({ trials: 100, flipBelow: -9 });
    await placementSearches.bayesian(deepening.problem);
    expect(deepening.tried.length).toBe(100);
  });

  it('bayesian asks for no Grad-CAM', async () => {
    const { problem } = bowl({ trials: 20 });
    const refuse = (): Promise<never> => Promise.reject(new Error('asked'));
    await expect(placementSearches.bayesian({ ...problem, salient: refuse })).resolves.toBeDefined();
    await expect(placementSearches['nearest-first']({ ...problem, salient: refuse })).rejects.toThrow(
      'asked',
    );
  });

  it.each(['bayesian', 'coarse-to-fine'] as const)(
    '%s comes within 2 % of the exhaustive optimum with a tenth of its trials',
    async (method) => {
      const exhaustive = bowl({ trials: 100_000 });
      const { score: optimum } = await placementSearches.exhaustive(exhaustive.problem);
      const quick = bowl({ trials: Math.floor(exhaustive.tried.length / 10) });
      const { score } = await placementSearches[method](quick.problem);
      expect(score.objective - optimum.objective).toBeLessThan(0.02);
    },
  );
});
