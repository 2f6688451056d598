import { createHash } from 'node:crypto';
import { presetSettings } from '../../shared/presets.ts';
import type { Raster } from '../imaging/raster.ts';
import { silhouetteOf } from '../lesions/silhouette.ts';
import type { ForbiddenZone } from '../lesions/zone.ts';
import { blend } from '../watermark/blend.ts';
import type { PlacedStamp } from '../watermark/stamp.ts';
import { sha256Hex } from './digest.ts';
import type { CertificateInput } from './image-certificate.ts';
import { encodePkcs8 } from './key-encoding.ts';
import { OwnerKey } from './owner-key.ts';

/** Fixed material for tests and vectors; the keys are public and must never protect anything. */
export const sampleSetId = '000102030405060708090a0b0c0d0e0f';
export const sampleCreated = new Date('2026-01-02T03:04:05.678Z');

export function sampleOwner(seed = 'owner'): OwnerKey {
  const bytes = deterministicBytes(`${seed} key`);
  return new OwnerKey(`Sample ${seed}`, Buffer.concat([encodePkcs8('ed25519', bytes(32)), bytes(32)]));
}

/** Bytes that look random and are always the same: SHA-256 in counter mode. */
export function deterministicBytes(seed: string): (size: number) => Buffer {
  let counter = 0;
  return (size) => {
    const blocks: Buffer[] = [];
    for (let length = 0; length < size; length += 32) {
      blocks.push(createHash('sha256').update(`${seed} ${counter++}`).digest());
    }
    return Buffer.concat(blocks).subarray(0, size);
  };
}

export function sampleRaster(
  channels: Raster['channels'],
  bitDepth: Raster['bitDepth'],
  width = 12,
  height = 10,
): Raster {
  const size = width * height * channels;
  const bytes = deterministicBytes(`raster ${channels} ${bitDepth}`)(size * 2);
  if (bitDepth === 8)
    return { width, height, channels, bitDepth, data: Uint8Array.from(bytes.subarray(0, size)) };
  const data = Uint16Array.from({ length: size }, (_, index) => bytes.readUInt16LE(index * 2));
  return { width, height, channels, bitDepth, data };
}

/** Two 3x2 marks with a hole each; the second stands on the last pixels of the image. */
export function sampleStamps(width = 12, height = 10): PlacedStamp[] {
  const opacity = Uint8Array.from([200, 0, 180, 255, 120, 1]);
  const ink = Uint8Array.from({ length: 18 }, (_, index) => (index * 37) % 256);
  const stamp = { width: 3, height: 2, opacity, ink };
  return [
    { x: 1, y: 1, stamp },
    { x: width - 3, y: height - 2, stamp },
  ];
}

/** Forbidden: a 2x2 block in the middle. */
export function sampleZone(width = 12, height = 10): ForbiddenZone {
  const data = new Uint8Array(width * height);
  for (const pixel of [5 * width + 5, 5 * width + 6, 6 * width + 5, 6 * width + 6]) data[pixel] = 1;
  const sha256 = sha256Hex(`${width} ${height}\n`, data);
  const sources = [
    { kind: 'annotation', format: 'csv', classes: ['microaneurysm'], sha256: 'ab'.repeat(32) } as const,
    { kind: 'outside-field-of-view' } as const,
  ];
  return { mask: { width, height, data }, sources, dilation: 1, sha256 };
}

export function sampleInput(original = sampleRaster(3, 8), owner = sampleOwner()): CertificateInput {
  const stamps = sampleStamps(original.width, original.height);
  return {
    owner,
    setId: sampleSetId,
    created: sampleCreated,
    toolVersion: '0.1.0',
    rights: { holder: 'Sample Clinic', text: 'All rights reserved.', terms: 'Research only — no training.' },
    path: 'left/ä image 1.png',
    format: 'png',
    original,
    protected: blend(original, stamps),
    stamps,
    placements: stamps.map(({ x, y, stamp }) => ({
      x,
      y,
      width: stamp.width,
      height: stamp.height,
      rotation: 0,
      opacity: 255,
      texture: 12,
      area: silhouetteOf({ ...stamp, data: stamp.opacity }).area,
      stampSha256: sha256Hex(stamp.opacity, stamp.ink),
    })),
    logoSha256: 'cd'.repeat(32),
    settings: { preset: 'balanced', seed: 7, ...presetSettings('balanced') },
    adapted: { missing: 3, size: 0.12 },
    search: { method: 'coarse-to-fine', forwards: 90, gradients: 12 },
    zone: sampleZone(original.width, original.height),
    label: 2,
    surrogates: [{ id: 'ef'.repeat(32), name: 'resnet18', kind: 'onnx', clean: 2, protected: 0 }],
    quality: { psnr: 31.25, ssim: 0.971, fieldOfViewFraction: 0.034 },
  };
}
