/** How the learning rate goes from its peak to the end of a run. */
export type Schedule =
  | { readonly kind: 'cosine' }
  /** Times `factor` after every one of the given fractions of the run, e.g. at 0.5 and 0.75. */
  | { readonly kind: 'step'; readonly at: readonly number[]; readonly factor: number };

/**
 * Learning rate of a step: linear warm-up from zero, then half a cosine down to `floor` times the peak
 * (Loshchilov & Hutter, ICLR 2017, one cycle without restarts). `step` counts from 0.
 */
export function cosineSchedule(
  step: number,
  options: { steps: number; warmup: number; peak: number; floor?: number },
): number {
  const { steps, warmup, peak, floor = 0 } = options;
  if (step < warmup) return (peak * (step + 1)) / warmup;
  const progress = Math.min(1, (step - warmup) / Math.max(1, steps - warmup));
  return peak * (floor + (1 - floor) * 0.5 * (1 + Math.cos(Math.PI * progress)));
}

/** Learning rate of a step under a schedule, with the same linear warm-up. */
export function learningRateAt(
  schedule: Schedule,
  step: number,
  options: { steps: number; warmup: number; peak: number },
): number {
  if (schedule.kind === 'cosine' || step < options.warmup) return cosineSchedule(step, options);
  const passed = schedule.at.filter((fraction) => step >= fraction * options.steps).length;
  return options.peak * schedule.factor ** passed;
}
