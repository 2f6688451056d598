import { beforeAll, describe, expect, it } from 'vitest';
import { blobGrader } from '../../../test/graders/blob-grader.ts';
import { presetSettings } from '../../shared/presets.ts';
import { presets, type ProtectSettings } from '../../shared/settings.ts';
import { findFieldOfView } from '../imaging/field-of-view.ts';
import { psnr } from '../imaging/image-metrics.ts';
import type { Raster } from '../imaging/raster.ts';
import { silhouetteOf } from '../lesions/silhouette.ts';
import type { AnnotatedRegion } from '../lesions/annotations/regions.ts';
import { buildForbiddenZone } from '../lesions/forbidden-zone.ts';
import type { ForbiddenZone } from '../lesions/zone.ts';
import { tf } from '../runtime/tensorflow.ts';
import { controlImage } from './control-marks.ts';
import type { ProtectOutcome, ProtectRequest } from './protected-image.ts';
import { protectImage } from './protect-image.ts';
import { textLogo } from './text-mark.ts';
import type { Logo } from './logo.ts';

const SIDE = 160;

/** An orange disc with a smooth shade on black: enough of a retina for placement. */
function discRaster(): Raster {
  const data = new Uint8Array(SIDE * SIDE * 3);
  for (let y = 0; y < SIDE; y++) {
    for (let x = 0; x < SIDE; x++) {
      const r = Math.hypot(x + 0.5 - SIDE / 2, y + 0.5 - SIDE / 2);
      if (r > 74) continue;
      const shade = 1 - r / 200;
      data.set([200 * shade, 110 * shade, 60 * shade].map(Math.round), (y * SIDE + x) * 3);
    }
  }
  return { width: SIDE, height: SIDE, channels: 3, bitDepth: 8, data };
}

const original = discRaster();
const fieldOfView = findFieldOfView(original);
const boxed = (x: number, y: number, width: number, height: number): AnnotatedRegion => ({
  kind: 'box',
  class: 'HE',
  box: { x, y, width, height },
});
const lesion = boxed(70, 60, 20, 30);
const zoneWith = (regions: readonly AnnotatedRegion[]): ForbiddenZone =>
  buildForbiddenZone({ width: SIDE, height: SIDE, fieldOfView, regions, sources: [], dilation: 2 });
let logo: Logo;

beforeAll(async () => {
  logo = await textLogo('ML');
});

function settingsOf(
  preset: ProtectSettings['preset'],
  change: Partial<ProtectSettings['mark']> = {},
): ProtectSettings {
  const { mark, search } = presetSettings(preset);
  return {
    preset,
    seed: 5,
    mark: { ...mark, ...change },
    search: { ...search, textureSteps: Math.min(4, search.textureSteps) },
  };
}

function request(settings: ProtectSettings, change: Partial<ProtectRequest> = {}): ProtectRequest {
  const surrogates = [blobGrader(64), blobGrader(48, { centre: [0.35, 0.6] })];
  return {
    original,
    fieldOfView,
    zone: zoneWith([lesion]),
    label: null,
    logo,
    surrogates,
    settings,
    ...change,
  };
}

function protectedOnly(outcome: ProtectOutcome): Extract<ProtectOutcome, { kind: 'protected' }> {
  if (outcome.kind !== 'protected') throw new Error(`expected a protected image, got "${outcome.reason}"`);
  return outcome;
}

describe.each(presets)('protectImage with preset %s', (preset) => {
  it('changes no sample outside the silhouettes and covers no forbidden pixel', async () => {
    const zone = zoneWith([lesion]);
    const outcome = protectedOnly(await protectImage(request(settingsOf(preset), { zone })));
    const inked = new Uint8Array(SIDE * SIDE);
    for (const { x, y, stamp } of outcome.stamps) {
      const { runs } = silhouetteOf({ width: stamp.width, height: stamp.height, data: stamp.opacity });
      for (let i = 0; i < runs.length; i += 3)
        inked.fill(1, (y + runs[i]) * SIDE + x + runs[i + 1], (y + runs[i]) * SIDE + x + runs[i + 2]);
    }
    let changedOutside = 0;
    let overlap = 0;
    for (let p = 0; p < inked.length; p++) {
      overlap += inked[p] & zone.mask.data[p];
      for (let c = 0; c < 3 && !inked[p]; c++)
        changedOutside += Number(original.data[p * 3 + c] !== outcome.protected.data[p * 3 + c]);
    }
    expect({ changedOutside, overlap }).toEqual({ changedOutside: 0, overlap: 0 });
    expect(outcome.placements.reduce((sum, { area }) => sum + area, 0)).toBe(
      inked.reduce((sum, value) => sum + value, 0),
    );
  });

  it('lowers the objective, and the texture never makes it worse', async () => {
    const { objective } = protectedOnly(await protectImage(request(settingsOf(preset)))).trace;
    expect(objective.placed).toBeLessThan(objective.clean);
    expect(objective.textured).toBeLessThanOrEqual(objective.placed);
  });

  it('is a pure function of the request', async () => {
    const first = protectedOnly(await protectImage(request(settingsOf(preset))));
    const second = protectedOnly(await protectImage(request(settingsOf(preset))));
    expect(Buffer.from(second.protected.data.buffer).equals(Buffer.from(first.protected.data.buffer))).toBe(
      true,
    );
    expect(Buffer.from(second.control.data.buffer).equals(Buffer.from(first.control.data.buffer))).toBe(true);
  });

  it('has a control that can be made again from what the certificate says', async () => {
    const { mark, seed } = settingsOf(preset);
    const zone = zoneWith([lesion]);
    const outcome = protectedOnly(await protectImage(request(settingsOf(preset), { zone })));
    const again = await controlImage({
      ...{ original, fieldOfView, zone, logo, mark, seed },
      size: outcome.adapted.size,
      opacities: outcome.placements.map(({ opacity }) => opacity),
    });
    expect(Buffer.from(again.data.buffer).equals(Buffer.from(outcome.control.data.buffer))).toBe(true);
  });

  it('spends no more queries than the budget', async () => {
    const settings = settingsOf(preset);
    const { forwards, gradients } = protectedOnly(await protectImage(request(settings))).trace;
    expect(forwards + 2 * gradients).toBeLessThanOrEqual(2 * settings.search.budget);
  });

  it('leaves no tensor behind', async () => {
    const before = tf.memory().numTensors;
    await protectImage(request(settingsOf(preset)));
    expect(tf.memory().numTensors).toBe(before);
  });

  it('reports no room where everything is forbidden', async () => {
    const zone = zoneWith([boxed(0, 0, SIDE, SIDE)]);
    expect(await protectImage(request(settingsOf(preset), { zone }))).toMatchObject({ kind: 'no-room' });
  });
});

describe('protectImage', () => {
  it('keeps the ink within the texture amplitude', async () => {
    const { placements } = protectedOnly(
      await protectImage(request(settingsOf('balanced', { texture: 0.2 }))),
    );
    expect(Math.max(...placements.map(({ texture }) => texture))).toBeGreaterThan(0);
    for (const { texture } of placements) expect(texture).toBeLessThanOrEqual(51);
  });

  it('weakens the ink until the image keeps the asked PSNR', async () => {
    const open = protectedOnly(await protectImage(request(settingsOf('balanced', { minimumPsnr: null }))));
    const kept = protectedOnly(await protectImage(request(settingsOf('balanced', { minimumPsnr: 32 }))));
    expect(psnr(original, open.protected)).toBeLessThan(32);
    expect(psnr(original, kept.protected)).toBeGreaterThanOrEqual(32);
    expect(psnr(original, kept.protected)).toBeLessThan(34);
  });

  it('prints plain ink at amplitude 0', async () => {
    const { placements } = protectedOnly(await protectImage(request(settingsOf('balanced', { texture: 0 }))));
    expect(placements.map(({ texture }) => texture)).toEqual(placements.map(() => 0));
  });

  it('shrinks the marks before it gives up', async () => {
    const tight = boxed(0, 0, SIDE, 138);
    const { adapted } = protectedOnly(
      await protectImage(request(settingsOf('published'), { zone: zoneWith([tight]) })),
    );
    expect(adapted.size).toBeLessThan(0.25);
  });

  it('protects 16-bit and grey images with the same placements as their 8-bit twin', async () => {
    const wide = Uint16Array.from(original.data, (value) => value * 257);
    const deep: Raster = { width: SIDE, height: SIDE, channels: 3, bitDepth: 16, data: wide };
    const places = async (raster: Raster): Promise<number[][]> =>
      protectedOnly(await protectImage(request(settingsOf('balanced'), { original: raster }))).placements.map(
        ({ x, y }) => [x, y],
      );
    expect(await places(deep)).toEqual(await places(original));
  });

  it('stops with the reason of an aborted signal', async () => {
    const signal = AbortSignal.abort(new Error('stopped by the owner'));
    await expect(protectImage(request(settingsOf('balanced'), { signal }))).rejects.toThrow(
      'stopped by the owner',
    );
  });

  it('refuses a grade beyond the classes of a surrogate', async () => {
    await expect(protectImage(request(settingsOf('balanced'), { label: 2 }))).rejects.toMatchObject({
      code: 'settings-invalid',
    });
  });
});
