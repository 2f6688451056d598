import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { findFieldOfView } from '../../ml/imaging/field-of-view.ts';
import { componentBoxes } from '../../ml/imaging/component-boxes.ts';
import type { BinaryMask } from '../../ml/imaging/plane.ts';
import type { Raster8 } from '../../ml/imaging/raster.ts';
import { synthesizeFundus } from '../../ml/imaging/synthetic-fundus.ts';
import { openLesionNetwork, type LesionFinder } from '../../ml/lesions/network/open-lesion-network.ts';
import { bundledLesionNetwork } from './bundled-lesion-network.ts';
import { usesLesionNetwork, zoneMaker } from './image-zone.ts';

const job = {
  zoneSource: 'auto',
  allowUnannotated: false,
  annotations: null,
  camThreshold: null,
  landmarks: true,
  dilation: null,
  lesionNetwork: null,
} as const;
const eye = synthesizeFundus({ grade: 3, seed: 8, size: 320 });
let network: LesionFinder;
let usual: Awaited<ReturnType<typeof zoneOf>>;

beforeAll(async () => {
  network = await openLesionNetwork(bundledLesionNetwork, 1);
  usual = await zoneOf(eye.raster);
}, 60_000);
afterAll(() => network.release());

const zoneOf = (original: Raster8) =>
  zoneMaker(
    job,
    null,
    [],
    network,
  )({ path: 'eye', original, fieldOfView: findFieldOfView(original), label: null });

function share(of: BinaryMask, within: BinaryMask): number {
  const all = within.data.reduce((sum, value) => sum + value, 0);
  return within.data.reduce((sum, value, p) => sum + (value & of.data[p]), 0) / all;
}

describe('a zone without annotations', () => {
  it('covers disc and most haemorrhages, forbids at most 40 % of the field, and names the network', async () => {
    const { zone, notes, doubts } = usual;
    expect(notes).toEqual([]);
    expect(doubts).toEqual([]);
    expect(share(zone.mask, eye.disc)).toBe(1);
    expect(share(zone.mask, eye.lesions.HE)).toBeGreaterThan(0.9);
    expect(share(zone.mask, findFieldOfView(eye.raster).mask)).toBeLessThanOrEqual(0.4);
    expect(zone.sources).toContainEqual(expect.objectContaining({ kind: 'segmentation', model: network.id }));
    expect((await zoneOf(eye.raster)).zone.sha256).toBe(zone.sha256);
  }, 60_000);

  it('tells where disc, fovea and lesions were seen, none of them outside the zone', () => {
    const { zone, found } = usual;
    const forbidden = (x: number, y: number) =>
      zone.mask.data[Math.round(y) * zone.mask.width + Math.round(x)];
    const disc = componentBoxes(eye.disc)[0];
    const middle = { x: disc.x + disc.width / 2, y: disc.y + disc.height / 2 };
    if (found.disc === null || found.fovea === null) throw new Error('no disc or fovea');
    expect(Math.hypot(found.disc.x - middle.x, found.disc.y - middle.y)).toBeLessThan(disc.width / 2);
    expect(forbidden(found.fovea.x, found.fovea.y)).toBe(1);
    expect(found.lesions.length).toBeGreaterThan(3);
    for (const { box } of found.lesions) {
      const pixels = Array.from({ length: box.width * box.height }, (_, p) =>
        forbidden(box.x + (p % box.width), box.y + Math.floor(p / box.width)),
      );
      expect(pixels).toContain(1);
    }
  });

  it('is wider, and says why, where the photograph shows hardly anything', async () => {
    // A quarter of the contrast inside the field; the surround stays black.
    const { mask } = eye.fieldOfView;
    const data = eye.raster.data.map((value, i) =>
      mask.data[Math.floor(i / 3)] === 1 ? 110 + (value - 110) / 4 : value,
    );
    const dull = await zoneOf({ ...eye.raster, data });
    expect(dull.doubts.length).toBeGreaterThan(0);
    expect(dull.notes.join()).toMatch(/lesions may be missed, so the zone is wider: .+/);
    expect(share(dull.zone.mask, mask)).toBeGreaterThan(share(usual.zone.mask, mask));
  }, 60_000);
});

it('the network is needed where no annotations decide', () => {
  expect(usesLesionNetwork({ ...job, annotations: 'masks' })).toBe(false);
  expect(usesLesionNetwork({ ...job, annotations: 'masks', allowUnannotated: true })).toBe(true);
  expect(usesLesionNetwork(job)).toBe(true);
  expect(usesLesionNetwork({ ...job, zoneSource: 'grad-cam' })).toBe(false);
  expect(usesLesionNetwork({ ...job, zoneSource: 'union', annotations: 'masks' })).toBe(true);
});
