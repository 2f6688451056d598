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
