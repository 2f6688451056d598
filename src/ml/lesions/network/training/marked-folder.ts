import { findFieldOfView } from '../../../imaging/field-of-view.ts';
import type { BinaryMask } from '../../../imaging/plane.ts';
import { readImage } from '../../../imaging/read-image.ts';
import { Failure } from '../../../../shared/failure.ts';
import { annotationsFor, type AnnotationSource } from '../../annotations/load-annotations.ts';
import { networkClassOf, type NetworkClass } from '../lesion-classes.ts';
import type { MarkedPhotograph } from './lesion-sample.ts';

/**
 * One photograph with its masks, for training. Masks of classes the network does not know are passed over; boxes are refused, since
 * they would teach that the retina around a lesion is one. Throws Failure when the photograph or one of its masks cannot be used, has none,
 * or has one of another size.
 */
export async function markedPhotograph(
  { path, absolute }: { readonly path: string; readonly absolute: string },
  source: AnnotationSource,
): Promise<MarkedPhotograph> {
  const { raster: image } = await readImage(absolute);
  const found = await annotationsFor(source, path, image.width, image.height);
  if (found.kind === 'not-annotated') {
    throw new Failure('annotation-mismatch', `no mask for this image: ${found.reason}`, {
      subject: path,
      hint: 'Add masks named IMAGE_CLASS.png; an image without lesions needs at least one empty mask.',
    });
  }
  const masks: Partial<Record<NetworkClass, BinaryMask>> = {};
  for (const region of found.regions) {
    const name = networkClassOf(region.class);
    if (name === null) continue;
    if (region.kind === 'box') {
      throw new Failure('annotation-mismatch', `${region.class} is marked by boxes, which show no outline`, {
        subject: path,
        hint: 'Give masks (PNG) or COCO outlines for training.',
      });
    }
    masks[name] = united(masks[name], region.mask);
  }
  return { name: path, image, fieldOfView: findFieldOfView(image), masks };
}

function united(a: BinaryMask | undefined, b: BinaryMask): BinaryMask {
  return a === undefined ? b : { ...b, data: b.data.map((value, p) => value | a.data[p]) };
}
