import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';

import type { BinaryMask } from '../imaging/plane.ts';
import { dilate } from './dilation.ts';
import { columnDistances, envelopeScratch, squaredDistances } from './distance.ts';

/** Made by test/oracles/zones.py. */
const reference = z
  .object({
    mask: z.array(z.string()),
    dilations: z.array(z.object({ radius: z.number(), rows: z.array(z.string()) })),
    distances: z.array(z.array(z.number())),
  })
  .parse(JSON.parse(readFileSync(new URL('../../../test/oracles/zones.json', import.meta.url), 'utf8')));

const mask = fromRows(reference.mask);

describe('dilate', () => {
  it.each(reference.dilations)('equals scikit-image with a disc of radius $radius', ({ radius, rows }) => {
    expect(dilate(mask, radius)).toEqual(fromRows(rows));
  });

  it('sets exactly the pixels within the radius, for fractional radii too', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.integer({ min: 0, max: 22 }), fc.integer({ min: 0, max: 16 })), {
          maxLength: 9,
        }),
        fc.double({ min: 0, max: 12, noNaN: true }),
        (points, radius) => {
          const data = new Uint8Array(23 * 17);
          for (const [x, y] of points) data[y * 23 + x] = 1;
          const dilated = dilate({ width: 23, height: 17, data }, radius);
          const expected = data.map((_, index) =>
            points.some(([x, y]) => Math.hypot((index % 23) - x, Math.floor(index / 23) - y) <= radius)
              ? 1
              : 0,
          );
          expect(dilated.data).toEqual(expected);
        },
      ),
      { numRuns: 200 },
    );
  });

  it('leaves an empty mask empty and turns any non-zero value into 1', () => {
    expect(dilate({ width: 4, height: 3, data: new Uint8Array(12) }, 5).data).toEqual(new Uint8Array(12));
    expect(dilate({ width: 2, height: 1, data: Uint8Array.of(0, 255) }, 0).data).toEqual(Uint8Array.of(0, 1));
  });

  it.each([-1, NaN, Infinity])('refuses the radius %s', (radius) => {
    expect(() => dilate(mask, radius)).toThrow(RangeError);
  });
});

describe('squaredDistances', () => {
  it("equals scipy's exact distance transform", () => {
    const columns = columnDistances(mask);
    const out = new Float64Array(mask.width);
    const scratch = envelopeScratch(mask.width);
    reference.distances.forEach((expected, row) => {
      squaredDistances(columns, row, 0, mask.width, out, scratch);
      expect(Array.from(out, (value) => Number(Math.sqrt(value).toFixed(9)))).toEqual(expected);
    });
  });
});

function fromRows(rows: readonly string[]): BinaryMask {
  return {
    width: rows[0].length,
    height: rows.length,
    data: Uint8Array.from(rows.join(''), (character) => (character === '#' ? 1 : 0)),
  };
}
