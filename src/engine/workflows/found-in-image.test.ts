import { describe, expect, it } from 'vitest';
import type { BinaryMask } from '../../ml/imaging/plane.ts';
import { foundInImage } from './found-in-image.ts';

const landmark = { x: 5, y: 6, radius: 3, confidence: 0.9 };

describe('foundInImage', () => {
  it('boxes each part of a mask, largest first, and names its class', () => {
    const found = foundInImage(
      [
        { kind: 'mask', class: 'MA', mask: maskOf(['#..', '...', '...']) },
        { kind: 'mask', class: 'Hard Exudates', mask: maskOf(['...', '##.', '...']) },
        { kind: 'box', class: 'scar', box: { x: 0, y: 0, width: 3, height: 3 } },
      ],
      [],
    );
    expect(found.lesions).toEqual([
      { box: { x: 0, y: 0, width: 3, height: 3 }, class: 'lesion' },
      { box: { x: 0, y: 1, width: 2, height: 1 }, class: 'hard-exudate' },
      { box: { x: 0, y: 0, width: 1, height: 1 }, class: 'microaneurysm' },
    ]);
    expect(found).toMatchObject({ disc: null, fovea: null });
  });

  it('takes an annotated disc for the disc, and what was found where none is annotated', () => {
    const found = foundInImage(
      [{ kind: 'box', class: 'Optic Disc', box: { x: 10, y: 20, width: 5, height: 3 } }],
      [
        { name: 'disc', ...landmark },
        { name: 'fovea', ...landmark },
      ],
    );
    expect(found.lesions).toEqual([]);
    expect(found.disc).toEqual({ x: 12, y: 21, radius: 2.5 });
    expect(found.fovea).toEqual({ x: 5, y: 6, radius: 3 });
  });
});

function maskOf(rows: string[]): BinaryMask {
  const data = Uint8Array.from(rows.join('').split(''), (sign) => (sign === '#' ? 1 : 0));
  return { width: rows[0].length, height: rows.length, data };
}
