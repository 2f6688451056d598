import type { FieldOfView } from '../../../imaging/field-of-view.ts';
import type { BinaryMask } from '../../../imaging/plane.ts';
import type { Raster } from '../../../imaging/raster.ts';
import { planResample, resampleRows } from '../../../imaging/resample.ts';
import { networkClasses, type NetworkClass } from '../lesion-classes.ts';
import { networkView, type NetworkView } from '../network-view.ts';

/** A photograph with its masks as training needs them. */
export interface LesionSample {
  readonly name: string;
  readonly view: NetworkView;
  /** `height * width * 5`: coverage 0..255 of each class. */
  readonly targets: Uint8Array;
  /** 1 where a pixel counts, 0 where it teaches nothing (outside the field, beside burned-in marks). */
  readonly counts: Uint8Array;
  /** Whether a class was marked in this photograph at all; unknown ones teach nothing. */
  readonly known: Readonly<Record<NetworkClass, boolean>>;
  /** Pixels (row * width + column) of each class, at most 4,000 evenly picked ones. */
  readonly places: Readonly<Record<NetworkClass, Uint32Array>>;
}

export interface MarkedPhotograph {
  readonly name: string;
  readonly image: Raster;
  readonly fieldOfView: FieldOfView;
  /** Masks of the image's size; a class without one is not present. */
  readonly masks: Readonly<Partial<Record<NetworkClass, BinaryMask>>>;
  /** Classes whose masks cannot be trusted or are missing; they are left out of the loss. */
  readonly unknown?: readonly NetworkClass[];
  /** Pixels of the photograph that must not count. */
  readonly ignore?: BinaryMask;
}

const mostPlaces = 4000;

/** Brings a photograph and its masks to the network's scale. */
export function lesionSample({
  name,
  image,
  fieldOfView,
  masks,
  unknown = [],
  ignore,
}: MarkedPhotograph): LesionSample {
  const view = networkView(image, fieldOfView);
  const pixels = view.width * view.height;
  const targets = new Uint8Array(pixels * networkClasses.length);
  const places: Partial<Record<NetworkClass, Uint32Array>> = {};
  const known: Partial<Record<NetworkClass, boolean>> = {};
  networkClasses.forEach((name_, channel) => {
    const mask = masks[name_];
    known[name_] = !unknown.includes(name_);
    const found: number[] = [];
    if (mask !== undefined) {
      const coverage = maskAtView(mask, view);
      for (let p = 0; p < pixels; p++) {
        targets[p * networkClasses.length + channel] = Math.round(
          255 * Math.min(1, Math.max(0, coverage[p])),
        );
        if (coverage[p] >= 0.5 && view.field[p] === 1) found.push(p);
      }
    }
    const step = Math.max(1, found.length / mostPlaces);
    places[name_] = Uint32Array.from(
      { length: Math.min(found.length, mostPlaces) },
      (_, i) => found[Math.floor(i * step)],
    );
  });
  const counts = Uint8Array.from(view.field);
  if (ignore !== undefined) {
    const ignored = maskAtView(ignore, view);
    for (let p = 0; p < pixels; p++) if (ignored[p] > 0) counts[p] = 0;
  }
  return {
    name,
    view,
    targets,
    counts,
    known: known as Record<NetworkClass, boolean>,
    places: places as Record<NetworkClass, Uint32Array>,
  };
}

/** The sample with classes that it shall teach nothing of. */
export function withoutClasses(sample: LesionSample, unknown: readonly NetworkClass[]): LesionSample {
  const left = unknown.map((name): [NetworkClass, boolean] => [name, false]);
  return { ...sample, known: { ...sample.known, ...Object.fromEntries(left) } };
}

/** Coverage of each pixel of the view by a mask, 0..1. */
function maskAtView(mask: BinaryMask, { box, width, height }: NetworkView): Float32Array {
  const plan = planResample(mask.width, mask.height, width, height, 'bilinear', box);
  const row = new Float32Array(mask.width);
  return resampleRows(plan, 1, (y) => {
    for (let x = 0; x < mask.width; x++) row[x] = mask.data[y * mask.width + x];
    return row;
  }).data;
}
