import type { BinaryMask, FloatImage } from '../imaging/plane.ts';
import type { ZoneSource } from './zone.ts';

/** Where a surrogate looks for one class, at the image's native resolution. */
export interface CamZone {
  readonly mask: BinaryMask;
  /** Host pixel of the strongest activation. */
  readonly peak: { readonly x: number; readonly y: number };
  /** Activation scaled to 0..1, one channel. */
  readonly heat: FloatImage;
  readonly source: ZoneSource;
}
