import { deflateSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Raster } from '../imaging/raster.ts';
import { packSamples, unpackSamples } from './sample-coding.ts';
import { sampleRaster } from './sample-certificate.fixture.ts';

const map = { runs: Uint32Array.of(1, 3, 7, 1), pixels: 4 };

describe('packSamples', () => {
  it('brings back every sample under the silhouette and touches no other', () => {
    const shapes = fc.record({
      channels: fc.constantFrom<Raster['channels']>(1, 2, 3, 4),
      depth: fc.constantFrom<Raster['bitDepth']>(8, 16),
      mask: fc.array(fc.boolean(), { minLength: 120, maxLength: 120 }),
    });
    fc.assert(
      fc.property(shapes, ({ channels, depth, mask }) => {
        const raster = sampleRaster(channels, depth);
        const starts = mask.flatMap((inked, pixel) =>
          inked && (pixel === 0 || !mask[pixel - 1]) ? [pixel] : [],
        );
        const runs = starts.flatMap((start) => {
          const end = mask.indexOf(false, start);
          return [start, (end < 0 ? mask.length : end) - start];
        });
        const silhouette = { runs: Uint32Array.from(runs), pixels: mask.filter(Boolean).length };
        const target = raster.data.map((sample, index) => (mask[Math.floor(index / channels)] ? 0 : sample));
        expect(unpackSamples(packSamples(raster, silhouette), raster, silhouette, target)).toBe(true);
        expect(target).toEqual(raster.data);
      }),
      { seed: 3, numRuns: 100 },
    );
  });

  it.each([
    ['of another length', deflateSync(Buffer.alloc(5))],
    ['that is no zlib stream', Buffer.from('nonsense')],
    ['that is cut off', deflateSync(Buffer.alloc(4)).subarray(0, 6)],
    ['that unpacks to far more than announced', deflateSync(Buffer.alloc(50_000_000))],
  ])('leaves the target alone for a stream %s', (_name, stream) => {
    const target = new Uint8Array(10).fill(7);
    expect(unpackSamples(stream, { channels: 1, bitDepth: 8 }, map, target)).toBe(false);
    expect([...target]).toEqual(Array<number>(10).fill(7));
  });
});
