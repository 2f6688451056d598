import { describe, expect, it } from 'vitest';
import type { FieldOfView } from '../imaging/field-of-view.ts';
import type { ForbiddenZone } from '../lesions/zone.ts';
import { meshShape } from './mesh.ts';
import { textLogo } from './text-mark.ts';

const SIDE = 200;
const mask = { width: SIDE, height: SIDE, data: new Uint8Array(SIDE * SIDE) };
for (let y = 90; y < 120; y++) mask.data.fill(1, y * SIDE + 40, y * SIDE + 150);
const zone: ForbiddenZone = { mask, sources: [], dilation: 0, sha256: '' };
const fieldOfView: FieldOfView = {
  mask: { width: SIDE, height: SIDE, data: new Uint8Array(SIDE * SIDE).fill(1) },
  bounds: { x: 10, y: 10, width: 180, height: 180 },
  centreX: 100,
  centreY: 100,
  radius: 90,
  area: Math.PI * 90 ** 2,
};
const settings = { size: 0.06, rotation: -20, phase: { x: 0.3, y: 0.6 } };

describe('meshShape', () => {
  it('never inks a forbidden pixel, at native scale or shrunk', async () => {
    const logo = await textLogo('PROTECTED');
    for (const scale of [1, 0.5]) {
      const { shape, x, y } = meshShape(logo, fieldOfView, zone, settings, scale);
      expect(shape.silhouette.area).toBeGreaterThan(0);
      shape.matte.forEach((value, p) => {
        if (value === 0) return;
        const column = Math.floor((x + (p % shape.width)) / scale);
        const row = Math.floor((y + Math.floor(p / shape.width)) / scale);
        expect(mask.data[row * SIDE + column]).toBe(0);
      });
    }
  });

  it('covers every quarter of the field about alike', async () => {
    const open = { ...zone, mask: { ...mask, data: new Uint8Array(SIDE * SIDE) } };
    const { shape } = meshShape(await textLogo('PROTECTED'), fieldOfView, open, settings, 1);
    const quarters = [0, 0, 0, 0];
    shape.matte.forEach((value, p) => {
      const right = p % shape.width >= shape.width / 2;
      const low = Math.floor(p / shape.width) >= shape.height / 2;
      quarters[Number(right) + 2 * Number(low)] += Number(value > 0);
    });
    expect(Math.max(...quarters) / Math.min(...quarters)).toBeLessThan(1.3);
  });

  it('moves with its phase', async () => {
    const logo = await textLogo('PROTECTED');
    const at = (x: number) =>
      meshShape(logo, fieldOfView, zone, { ...settings, phase: { x, y: 0 } }, 1).shape.matte;
    expect(Buffer.from(at(0)).equals(Buffer.from(at(0.5)))).toBe(false);
  });
});
