import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';

import type { BinaryMask } from '../imaging/plane.ts';
import { buildForbiddenZone, overlapAndClearance } from './forbidden-zone.ts';
import type { CamZone } from './grad-cam-zone.ts';
import { LegalityMap } from './legality.ts';
import { silhouetteOf } from './silhouette.ts';
import { zoneFromPng, zoneToPng } from './zone-png.ts';

const width = 12;
const height = 9;
const bare = { width, height, fieldOfView: null, regions: [], sources: [], dilation: 0 };

describe('buildForbiddenZone', () => {
  it('unites masks, boxes, landmarks and the Grad-CAM zone, and widens them by the dilation', () => {
    const zone = buildForbiddenZone({
      ...bare,
      regions: [
        { kind: 'mask', class: 'MA', mask: maskOf(['#']) },
        { kind: 'box', class: 'EX', box: { x: 10, y: 7, width: 5, height: 5 } },
      ],
      landmarks: [{ name: 'disc', x: 5, y: 5, radius: 1, confidence: 0.876 }],
      cam: camOf(maskOf(['.......#'])),
      dilation: 1,
    });
    expect(rowsOf(zone.mask)).toEqual([
      '##....###...',
      '#......#....',
      '............',
      '.....#......',
      '....###.....',
      '...#####....',
      '....###...##',
      '.....#...###',
      '.........###',
    ]);
    expect(zone.sources).toEqual([
      { kind: 'grad-cam', model: 'toy', threshold: 130 },
      { kind: 'landmark', name: 'disc', confidence: 0.88 },
    ]);
  });

  it('forbids everything outside the field of view without widening its rim', () => {
    const field = maskOf(Array.from({ length: height }, () => '..########..'));
    const zone = buildForbiddenZone({ ...bare, fieldOfView: { mask: field }, dilation: 3 });
    expect(rowsOf(zone.mask)).toEqual(Array.from({ length: height }, () => '##........##'));
    expect(zone.sources).toEqual([{ kind: 'outside-field-of-view' }]);
  });

  it('states the SHA-256 of its size and pixels', () => {
    const zone = buildForbiddenZone({
      ...bare,
      regions: [{ kind: 'mask', class: 'MA', mask: maskOf(['#']) }],
    });
    const bytes = Buffer.concat([Buffer.from('12 9\n', 'ascii'), Buffer.from([1]), Buffer.alloc(107)]);
    expect(zone.sha256).toBe(createHash('sha256').update(bytes).digest('hex'));
  });

  it('refuses parts of another size', () => {
    const wrong: BinaryMask = { width: 3, height: 3, data: new Uint8Array(9) };
    const build = () =>
      buildForbiddenZone({ ...bare, regions: [{ kind: 'mask', class: 'MA', mask: wrong }] });
    expect(build).toThrow('MA mask is 3x3, the image 12x9');
  });
});

describe('overlapAndClearance', () => {
  const square = silhouetteOf({ width: 2, height: 2, data: [1, 1, 1, 1] });

  it('adds up overlaps and takes the smallest clearance, from a zone or a map', () => {
    const zone = { mask: maskOf(['#']) };
    const placed = [
      { silhouette: square, x: 3, y: 4 },
      { silhouette: square, x: 8, y: 6 },
    ];
    expect(overlapAndClearance(zone, placed)).toEqual({ overlap: 0, clearance: 5 });
    const touching = [...placed, { silhouette: square, x: 0, y: 0 }];
    expect(overlapAndClearance(LegalityMap.fromZone(zone), touching)).toEqual({ overlap: 1, clearance: 0 });
  });

  it('has no clearance to state without a forbidden pixel or without marks', () => {
    expect(
      overlapAndClearance({ mask: maskOf([]) }, [{ silhouette: square, x: 0, y: 0 }]).clearance,
    ).toBeNull();
    expect(overlapAndClearance({ mask: maskOf(['#']) }, [])).toEqual({ overlap: 0, clearance: null });
  });
});

describe('zone PNG', () => {
  const zone = buildForbiddenZone({
    ...bare,
    regions: [{ kind: 'mask', class: 'MA', mask: maskOf(['#.##']) }],
  });

  it('comes back as it was written', async () => {
    const read = await zoneFromPng(await zoneToPng(zone), zone.mask);
    expect(read).toEqual({ mask: zone.mask, sha256: zone.sha256 });
  });

  it('is refused when another size, another kind of file, coloured, grey or damaged', async () => {
    const { default: sharp } = await import('sharp');
    const png = await zoneToPng(zone);
    const grey = await sharp(Buffer.alloc(108, 7), { raw: { width, height, channels: 1 } })
      .toColourspace('b-w')
      .png()
      .toBuffer();
    const colour = await sharp(Buffer.alloc(324), { raw: { width, height, channels: 3 } })
      .png()
      .toBuffer();
    await expect(zoneFromPng(png, { width: 9, height: 12 })).rejects.toMatchObject({
      code: 'annotation-mismatch',
    });
    for (const bytes of [
      grey,
      colour,
      png.subarray(0, png.length - 30),
      Buffer.from('zone'),
      Buffer.alloc(0),
    ]) {
      await expect(zoneFromPng(bytes, zone.mask)).rejects.toMatchObject({ code: 'annotation-unreadable' });
    }
    await expect(zoneFromPng('no-such-file.png', zone.mask)).rejects.toMatchObject({
      code: 'annotation-unreadable',
    });
  });
});

/** Rows from the top; what is missing is clear. */
function maskOf(rows: readonly string[]): BinaryMask {
  const data = new Uint8Array(width * height);
  rows.forEach((row, y) => {
    for (let x = 0; x < row.length; x++) if (row[x] === '#') data[y * width + x] = 1;
  });
  return { width, height, data };
}

function rowsOf(mask: BinaryMask): string[] {
  return Array.from({ length: height }, (_, y) =>
    Array.from(mask.data.subarray(y * width, (y + 1) * width), (value) => (value ? '#' : '.')).join(''),
  );
}

function camOf(mask: BinaryMask): CamZone {
  return {
    mask,
    peak: { x: 7, y: 0 },
    heat: { width, height, channels: 1, data: new Float32Array(width * height) },
    flat: false,
    source: { kind: 'grad-cam', model: 'toy', threshold: 130 },
  };
}
