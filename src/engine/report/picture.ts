import sharp from 'sharp';
import type { BinaryMask } from '../../ml/imaging/plane.ts';
import type { Raster } from '../../ml/imaging/raster.ts';

/** One image for the contact sheet, as data URIs. */
export interface ReportPicture {
  readonly width: number;
  readonly height: number;
  readonly before: string;
  readonly after: string;
  /** Outline of the forbidden zone as an SVG path in thumbnail pixels; null without a zone. */
  readonly zone: string | null;
}

/** Longest side of a thumbnail in pixels. */
const THUMBNAIL = 256;

/** Thumbnails (WebP, quality 80) of an image before and after; 16-bit samples are reduced to their high byte. */
export async function makePicture(pixels: {
  readonly original: Raster;
  readonly protected: Raster;
  readonly zone: BinaryMask | null;
}): Promise<ReportPicture> {
  const before = await thumbnail(pixels.original);
  const after = await thumbnail(pixels.protected);
  return {
    width: before.width,
    height: before.height,
    before: before.uri,
    after: after.uri,
    zone: null,
  };
}

async function thumbnail(raster: Raster): Promise<{ uri: string; width: number; height: number }> {
  const { data, info } = await sharp(toBytes(raster), {
    raw: { width: raster.width, height: raster.height, channels: raster.channels },
    limitInputPixels: false,
  })
    .resize(THUMBNAIL, THUMBNAIL, { fit: 'inside', withoutEnlargement: true })
    .removeAlpha()
    .webp({ quality: 80 })
    .toBuffer({ resolveWithObject: true });
  return { uri: `data:image/webp;base64,${data.toString('base64')}`, width: info.width, height: info.height };
}

function toBytes(raster: Raster): Uint8Array {
  return raster.bitDepth === 8 ? raster.data : Uint8Array.from(raster.data, (value) => value >> 8);
}
