import type { BinaryMask } from '../imaging/plane.ts';

/** Where a part of the forbidden zone comes from. */
export type ZoneSource =
  | {
      readonly kind: 'annotation';
      /** `drawn`: boxes a person has drawn in the review. */
      readonly format: 'mask-png' | 'voc-xml' | 'coco-json' | 'csv' | 'drawn';
      readonly classes: readonly string[];
      readonly sha256: string;
    }
  | { readonly kind: 'grad-cam'; readonly model: string; readonly threshold: number }
  | { readonly kind: 'outside-field-of-view' }
  /** Disc or fovea found by landmarks.ts where no annotation names them; confidence 0..1, two decimals. */
  | { readonly kind: 'landmark'; readonly name: 'disc' | 'fovea'; readonly confidence: number }
  | { readonly kind: 'segmentation'; readonly model: string; readonly threshold: number };

/** Pixels no mark may touch, at the image's native resolution; 1 = forbidden. Dilation is already applied. */
export interface ForbiddenZone {
  readonly mask: BinaryMask;
  readonly sources: readonly ZoneSource[];
  /** Radius in pixels by which lesions and landmarks (not the rim of the field of view) were dilated. */
  readonly dilation: number;
  /** SHA-256 over "width height\n" in ASCII followed by the mask's bytes (0/1), lower-case hex. */
  readonly sha256: string;
}
