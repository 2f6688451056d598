import type { Picture } from '../../../shared/contract/handles.ts';
import type { BinaryMask } from '../../../ml/imaging/plane.ts';
import { zoneDigest } from '../../../ml/lesions/forbidden-zone.ts';
import { withDrawnBoxes, type DrawnBox } from '../../../ml/lesions/drawn-zone.ts';
import type { PlacedStamp } from '../../../ml/watermark/stamp.ts';
import type { MarkPlaces } from '../../workflows/mark-places.ts';
import { movable } from '../../workflows/mark-places.ts';
import { readMarked } from '../../workflows/reviewed-image.ts';
import type { PictureStore } from '../picture-store.ts';
import { reducedMask, shownMask, shownRaster } from '../shown-raster.ts';
import type { OpenImage } from './review-desk.ts';

/** Overlays need no more: they lie, enlarged, on the picture. */
const overlaySide = 1600;

/** Before and after, exact to the pixel, so that their difference shows the marks and nothing else. */
export async function exactPictures(
  pictures: PictureStore,
  { image: { record, original, metadata }, out }: OpenImage,
): Promise<{ before: Picture; after: Picture }> {
  const { orientation } = metadata;
  const [before, after] = await Promise.all([
    pictures.make(`before ${record.content}`, async () => shownRaster(original, orientation), {
      lossless: true,
    }),
    pictures.make(
      `after ${record.outputs.image.sha256} ${orientation}`,
      async () => shownRaster(await readMarked(out, record), orientation),
      { lossless: true },
    ),
  ]);
  return { before, after };
}

/** The forbidden zone, drawn boxes included, and the ink. Null where the job has not kept what they are made of. */
export async function overlayPictures(
  pictures: PictureStore,
  open: OpenImage,
  drawn: readonly DrawnBox[],
): Promise<{ zone: Picture; marks: Picture } | null> {
  const { image } = open;
  if (image.zone === null || image.workings === null) return null;
  const { zone, stamps } = movable(image);
  const { imageId } = image.record;
  const [zonePicture, marks] = await Promise.all([
    maskPicture(
      pictures,
      `zone ${imageId} ${JSON.stringify(drawn)}`,
      open,
      () => withDrawnBoxes(zone, drawn).mask,
    ),
    maskPicture(pictures, `marks ${imageId}`, open, () => inkMask(zone.mask, stamps)),
  ]);
  return { zone: zonePicture, marks };
}

/** Where the middle of a mark may lie. */
export function placesPicture(
  pictures: PictureStore,
  open: OpenImage,
  mark: number,
  places: MarkPlaces,
): Promise<Picture> {
  const middles = places.middles();
  return maskPicture(pictures, `places ${mark} ${zoneDigest(middles)}`, open, () => middles);
}

function maskPicture(
  pictures: PictureStore,
  key: string,
  { image: { original, metadata } }: OpenImage,
  make: () => BinaryMask,
): Promise<Picture> {
  const { orientation } = metadata;
  const upright =
    orientation >= 5
      ? { width: original.height, height: original.width }
      : { width: original.width, height: original.height };
  const scale = Math.min(1, overlaySide / Math.max(original.width, original.height));
  const size = {
    width: Math.max(1, Math.round(original.width * scale)),
    height: Math.max(1, Math.round(original.height * scale)),
  };
  return pictures.make(
    `${key} ${orientation}`,
    async () => shownMask(scale < 1 ? reducedMask(make(), size) : make(), orientation),
    { lossless: true, of: upright },
  );
}

function inkMask(size: BinaryMask, stamps: readonly PlacedStamp[]): BinaryMask {
  const { width, height } = size;
  const data = new Uint8Array(width * height);
  for (const { x, y, stamp } of stamps) {
    for (let p = 0; p < stamp.opacity.length; p++) {
      if (stamp.opacity[p] === 0) continue;
      data[(y + Math.floor(p / stamp.width)) * width + x + (p % stamp.width)] = 1;
    }
  }
  return { width, height, data };
}
