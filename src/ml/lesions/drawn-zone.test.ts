import { describe, expect, it } from 'vitest';
import { withDrawnBoxes } from './drawn-zone.ts';
import { zoneDigest } from './forbidden-zone.ts';
import type { ForbiddenZone } from './zone.ts';

const mask = { width: 8, height: 6, data: new Uint8Array(48) };
mask.data[0] = 1;
const zone: ForbiddenZone = {
  mask,
  sources: [{ kind: 'outside-field-of-view' }],
  dilation: 1,
  sha256: zoneDigest(mask),
};

describe('withDrawnBoxes', () => {
  it('adds the boxes with the margin of the zone, and says where they come from', () => {
    const drawn = [{ box: { x: 4, y: 2, width: 2, height: 1 }, class: 'haemorrhage' }];
    const both = withDrawnBoxes(zone, drawn);
    expect(rowsOf(both)).toEqual(['#.......', '....##..', '...####.', '....##..', '........', '........']);
    expect(both.sources).toMatchObject([
      { kind: 'outside-field-of-view' },
      { kind: 'annotation', format: 'drawn', classes: ['haemorrhage'] },
    ]);
    expect(both.sha256).toBe(zoneDigest(both.mask));
    expect(rowsOf(zone).join('').replaceAll('.', '')).toBe('#');
  });

  it('is the very same zone without boxes', () => {
    expect(withDrawnBoxes(zone, [])).toBe(zone);
  });
});

function rowsOf({ mask: { width, height, data } }: ForbiddenZone): string[] {
  return Array.from({ length: height }, (_, row) =>
    [...data.subarray(row * width, (row + 1) * width)].map((value) => (value ? '#' : '.')).join(''),
  );
}
