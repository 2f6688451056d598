import type { Placement } from '../../shared/placement.ts';
import type { ProtectSettings } from '../../shared/settings.ts';
import type { FieldOfView } from '../imaging/field-of-view.ts';
import type { Raster } from '../imaging/raster.ts';
import type { ForbiddenZone } from '../lesions/zone.ts';
import type { Classifier } from '../models/classifier.ts';
import type { Logo } from './logo.ts';
import type { PlacedStamp } from './stamp.ts';

/** Input of `protectImage` (watermark/protect-image.ts): a pure function of these values. */
export interface ProtectRequest {
  readonly original: Raster;
  readonly fieldOfView: FieldOfView;
  readonly zone: ForbiddenZone;
  /** Reference grade; null takes each surrogate's own clean prediction. */
  readonly label: number | null;
  /** Null for text marks. */
  readonly logo: Logo | null;
  readonly surrogates: readonly Classifier[];
  readonly settings: ProtectSettings;
  /** Aborting makes the promise reject with the signal's reason. */
  readonly signal?: AbortSignal;
}

/** What was spent and reached by the search, for the certificate and the report. */
export interface SearchTrace {
  readonly method: string;
  readonly forwards: number;
  readonly gradients: number;
  /** Objective (mean + variance of log p of the reference class) clean, after placement, after texture. */
  readonly objective: { readonly clean: number; readonly placed: number; readonly textured: number };
  readonly seconds: number;
}

export type ProtectOutcome =
  | {
      readonly kind: 'protected';
      readonly protected: Raster;
      readonly stamps: readonly PlacedStamp[];
      readonly placements: readonly Placement[];
      /** The same plain marks (no texture) at random legal places, for the control beside every figure. */
      readonly control: Raster;
      readonly trace: SearchTrace;
      /** Marks asked for and not placed, with the size that was used in the end (fraction of the field's diameter). */
      readonly adapted: { readonly missing: number; readonly size: number };
    }
  | { readonly kind: 'no-room'; readonly reason: string };
