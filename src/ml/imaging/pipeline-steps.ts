import sharp from 'sharp';
import type { Sharp } from 'sharp';
import { Failure } from '../../shared/failure.ts';
import { findFieldOfView } from './field-of-view.ts';
import { grahamPreprocessing } from './graham.ts';
import type { Box } from './plane.ts';
import type { Raster, Raster8 } from './raster.ts';
import type { ResampleKernel } from './resample.ts';
import { planResample, resampleRows } from './resample.ts';
import { rotate } from './rotate.ts';
import { floatRowsOf } from './to-rgb.ts';
import { toSamples8 } from './quantise.ts';

export interface Size {
  readonly width: number;
  readonly height: number;
}

/** What a linear step does to the geometry: cuts a box (relative to the picture it gets) or resizes it whole. */
export type LinearStep =
  | { readonly kind: 'crop'; readonly box: Box }
  | { readonly kind: 'resize'; readonly size: Size; readonly kernel: ResampleKernel };

/** One step of a consumer pipeline over 8-bit RGB. */
export interface PipelineStep {
  readonly id: string;
  apply(picture: Raster): Promise<Raster>;
  /** Present for steps that are linear in the samples; `field` is the field of view's box in the picture, if known. */
  readonly plan?: (size: Size, field: Box | null) => LinearStep;
}

/** A step from its text (grammar: `parsePipeline`), undefined when it is not understood or its number is out of range. */
export function parseStep(text: string): PipelineStep | undefined {
  const [name, ...rest] = text.split(':');
  const parser = parsers[name];
  return Object.hasOwn(parsers, name) ? parser(rest) : undefined;
}

const parsers: Readonly<Record<string, (parameters: readonly string[]) => PipelineStep | undefined>> = {
  jpeg: ([quality, ...rest]) => {
    const q = integerIn(quality, 1, 100);
    return q === undefined || rest.length > 0
      ? undefined
      : { id: `jpeg:${q}`, apply: (p) => throughJpeg(p, q) };
  },
  resize: parseResize,
  crop: ([where, ...rest]) => {
    if (rest.length > 0) return undefined;
    if (where === 'centre')
      return cropStep(
        'crop:centre',
        (size) => centredSquare(size),
        async (p) => centredSquare(p),
      );
    if (where === 'fov')
      return cropStep(
        'crop:fov',
        (size, field) => field ?? whole(size),
        async (p) => fieldBox(p),
      );
    return undefined;
  },
  median: ([size, ...rest]) => {
    const k = integerIn(size, 3, 9);
    if (k === undefined || k % 2 === 0 || rest.length > 0) return undefined;
    return { id: `median:${k}`, apply: (p) => throughSharp(p, (input) => input.median(k).raw()) };
  },
  rotate: ([degrees, ...rest]) => {
    if (rest.length > 0 || degrees === undefined || !/^-?\d{1,2}(\.\d{1,3})?$/.test(degrees))
      return undefined;
    const angle = Number(degrees);
    if (Math.abs(angle) > 45) return undefined;
    return { id: `rotate:${angle}`, apply: (p) => Promise.resolve(rotate(p, angle)) };
  },
  graham: (rest) =>
    rest.length > 0 ? undefined : { id: 'graham', apply: (p) => Promise.resolve(grahamPreprocessing(p)) },
};

function parseResize([target, kernelName = 'bilinear', ...rest]: readonly string[]):
  PipelineStep | undefined {
  const kernel = kernelNames.find((name) => name === kernelName);
  if (kernel === undefined || rest.length > 0 || target === undefined) return undefined;
  const suffix = kernel === 'bilinear' ? '' : `:${kernel}`;
  if (target.endsWith('%')) {
    const percent = integerIn(target.slice(0, -1), 1, 200);
    if (percent === undefined) return undefined;
    const scaled = (length: number): number => Math.max(1, Math.round((length * percent) / 100));
    return resizeStep(`resize:${percent}%${suffix}`, kernel, ({ width, height }) => ({
      width: scaled(width),
      height: scaled(height),
    }));
  }
  const side = integerIn(target, 16, 4096);
  if (side === undefined) return undefined;
  return resizeStep(`resize:${side}${suffix}`, kernel, () => ({ width: side, height: side }));
}

const kernelNames: readonly ResampleKernel[] = ['bilinear', 'bicubic', 'area'];

function resizeStep(id: string, kernel: ResampleKernel, sizeFor: (size: Size) => Size): PipelineStep {
  return {
    id,
    apply: (picture) => {
      const { width, height } = sizeFor(picture);
      const plan = planResample(picture.width, picture.height, width, height, kernel);
      return Promise.resolve(toSamples8(resampleRows(plan, 3, floatRowsOf(picture))));
    },
    plan: (size) => ({ kind: 'resize', size: sizeFor(size), kernel }),
  };
}

function cropStep(
  id: string,
  planned: (size: Size, field: Box | null) => Box,
  found: (picture: Raster) => Promise<Box>,
): PipelineStep {
  return {
    id,
    apply: async (picture) => crop(picture, await found(picture)),
    plan: (size, field) => ({ kind: 'crop', box: planned(size, field) }),
  };
}

function centredSquare({ width, height }: Size): Box {
  const side = Math.min(width, height);
  return { x: Math.floor((width - side) / 2), y: Math.floor((height - side) / 2), width: side, height: side };
}

function whole({ width, height }: Size): Box {
  return { x: 0, y: 0, width, height };
}

/** Where nothing looks like a field of view, a consumer's script leaves the picture as it is. */
function fieldBox(picture: Raster): Box {
  try {
    return findFieldOfView(picture).bounds;
  } catch (error) {
    if (error instanceof Failure && error.code === 'image-no-retina') return whole(picture);
    throw error;
  }
}

function crop(picture: Raster, box: Box): Raster8 {
  const data = new Uint8Array(box.width * box.height * 3);
  for (let y = 0; y < box.height; y++) {
    const from = ((box.y + y) * picture.width + box.x) * 3;
    data.set(picture.data.subarray(from, from + box.width * 3), y * box.width * 3);
  }
  return { width: box.width, height: box.height, channels: 3, bitDepth: 8, data };
}

async function throughJpeg(picture: Raster, quality: number): Promise<Raster8> {
  const { width, height } = picture;
  const encoded = await sharp(picture.data, { raw: { width, height, channels: 3 }, limitInputPixels: false })
    .jpeg({ quality, chromaSubsampling: '4:2:0', mozjpeg: false })
    .toBuffer();
  return rgbOf(await sharp(encoded, { limitInputPixels: false }).raw().toBuffer(), width, height);
}

async function throughSharp(picture: Raster, change: (input: Sharp) => Sharp): Promise<Raster8> {
  const { width, height } = picture;
  const input = sharp(picture.data, { raw: { width, height, channels: 3 }, limitInputPixels: false });
  return rgbOf(await change(input).toBuffer(), width, height);
}

function rgbOf(buffer: Buffer, width: number, height: number): Raster8 {
  const data = new Uint8Array(buffer.buffer, buffer.byteOffset, buffer.byteLength);
  if (data.length !== width * height * 3)
    throw new Error(`expected ${width} x ${height} RGB, got ${data.length} bytes`);
  return { width, height, channels: 3, bitDepth: 8, data };
}

function integerIn(text: string | undefined, least: number, most: number): number | undefined {
  if (text === undefined || !/^\d{1,4}$/.test(text)) return undefined;
  const value = Number(text);
  return value >= least && value <= most ? value : undefined;
}
