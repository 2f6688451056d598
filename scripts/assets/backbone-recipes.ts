import type { ArchitectureName } from '../../src/ml/models/architectures/architectures.ts';
import type { PretrainingSettings } from '../../src/ml/models/pretraining/pretrain.ts';

/** How a bundled backbone is pretrained on synthetic retinas; together with the sources it decides its weights. */
export interface BackboneRecipe {
  readonly architecture: ArchitectureName;
  /** Decides the initial weights. */
  readonly seed: number;
  readonly side: number;
  readonly retinas: { readonly firstSeed: number; readonly count: number };
  /** One after the other; each starts with a new pyramid and a new optimiser. */
  readonly stages: readonly PretrainingSettings[];
  /** Values a kernel's weights are rounded to. */
  readonly levels: number;
}

export const BACKBONES: Readonly<Record<string, BackboneRecipe>> = {};
