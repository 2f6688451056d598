import { expect, it } from 'vitest';
import { discsInMap } from './disc-in-map.ts';
import { probabilitySteps, type LesionMaps } from './lesion-maps.ts';

const side = 800;

/** A map of 800 x 800 that stands for a view of twice the size, with ellipses of probability 0.9 in it. */
function mapWith(...ellipses: readonly { x: number; y: number; a: number; b: number }[]): LesionMaps {
  const OD = new Uint16Array(side * side);
  for (const { x, y, a, b } of ellipses) {
    for (let v = 0; v < side; v++) {
      for (let u = 0; u < side; u++) {
        if (((u - x) / a) ** 2 + ((v - y) / b) ** 2 <= 1) OD[v * side + u] = 0.9 * probabilitySteps;
      }
    }
  }
  const box = { x: 100, y: 50, width: 2 * side, height: 2 * side };
  return { width: side, height: side, box, values: { OD } } as unknown as LesionMaps;
}

it('gives every place that is like a disc, the largest first, in native pixels', () => {
  const found = discsInMap(mapWith({ x: 150, y: 300, a: 62, b: 62 }, { x: 500, y: 400, a: 75, b: 70 }));
  expect(found).toHaveLength(2);
  const [lesion, disc] = found;
  // Closed forms: centre and radius of the ellipses, two native pixels a cell.
  expect(lesion?.x).toBeCloseTo(100 + 2 * 500.5 - 0.5, 1);
  expect(lesion?.y).toBeCloseTo(50 + 2 * 400.5 - 0.5, 1);
  expect(lesion?.radius).toBeCloseTo(2 * Math.sqrt(75 * 70), 0);
  expect(disc?.x).toBeCloseTo(100 + 2 * 150.5 - 0.5, 1);
});

it('passes over glare at the rim and small lesions', () => {
  expect(discsInMap(mapWith({ x: 100, y: 400, a: 20, b: 140 }, { x: 500, y: 400, a: 20, b: 20 }))).toEqual(
    [],
  );
});
