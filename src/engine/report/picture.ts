import sharp from 'sharp';
import type { BinaryMask } from '../../ml/imaging/plane.ts';
import type { Raster } from '../../ml/imaging/raster.ts';
import { toRgb8 } from '../../ml/imaging/to-rgb.ts';
import { outlinePath } from './outline-path.ts';

/** One image for the contact sheet. */
export interface ReportPicture {
  /** Size of both thumbnails in pixels. */
  readonly width: number;
  readonly height: number;
  /** WebP data URIs. */
  readonly before: string;
  readonly after: string;
  /** Outline of the forbidden zone as an SVG path in thumbnail pixels; null without a zone. */
  readonly zone: string | null;
}

/** Longest side of a thumbnail in pixels. */
const THUMBNAIL = 256;

/** Thumbnails of an image before and after, about 10 kB each. */
export async function makePicture(pixels: {
  readonly original: Raster;
  readonly protected: Raster;
  readonly zone: BinaryMask | null;
}): Promise<ReportPicture> {
  const { width, height } = thumbnailSize(pixels.original);
  return {
    width,
    height,
    before: await thumbnail(pixels.original, width, height),
    after: await thumbnail(pixels.protected, width, height),
    zone: pixels.zone === null ? null : outlinePath(pixels.zone, width, height),
  };
}

function thumbnailSize(raster: Raster): { width: number; height: number } {
  const scale = Math.min(1, THUMBNAIL / Math.max(raster.width, raster.height));
  return {
    width: Math.max(1, Math.round(raster.width * scale)),
    height: Math.max(1, Math.round(raster.height * scale)),
  };
}

async function thumbnail(raster: Raster, width: number, height: number): Promise<string> {
  const rgb = toRgb8(raster);
  const webp = await sharp(rgb.data, {
    raw: { width: rgb.width, height: rgb.height, channels: 3 },
    limitInputPixels: false,
  })
    .resize(width, height, { fit: 'fill' })
    .webp({ quality: 82 })
    .toBuffer();
  return `data:image/webp;base64,${webp.toString('base64')}`;
}
