import type { BinaryMask, Box } from '../../imaging/plane.ts';
import type { ZoneSource } from '../zone.ts';

/** A marked region of one image in host pixels; `class` is the name as the annotation gives it. */
export type AnnotatedRegion =
  | { readonly kind: 'mask'; readonly class: string; readonly mask: BinaryMask }
  | { readonly kind: 'box'; readonly class: string; readonly box: Box };

/** What the annotations say about one image. No regions means: examined, nothing marked. */
export interface AnnotatedRegions {
  readonly kind: 'annotated';
  readonly regions: readonly AnnotatedRegion[];
  readonly sources: readonly ZoneSource[];
  /** What was changed or left out, one line each: clipped boxes, ignored classes. */
  readonly notes: readonly string[];
}

/** No annotation speaks of the image. Not the same as an image without lesions: the caller decides to refuse or go on. */
export interface NotAnnotated {
  readonly kind: 'not-annotated';
  readonly reason: string;
}

/** The image a question is about: path relative to the image folder, `/`-separated, and its native size. */
export interface ImageKey {
  readonly path: string;
  readonly width: number;
  readonly height: number;
}
