import type { FloatImage } from '../imaging/plane.ts';
import type { ResamplePlan } from '../imaging/resample.ts';

type Axis = ResamplePlan['horizontal'];

/**
 * Adds the resampled image of a change to a resampled base: `change` holds the difference inside a window of the
 * source whose top-left corner is (x, y), everything outside it being zero. Since resampling is linear, the result is
 * what resampling the changed source would give, at the cost of the window alone.
 */
export function addResampledChange(
  plan: ResamplePlan,
  base: FloatImage,
  change: FloatImage,
  x: number,
  y: number,
): FloatImage {
  const { channels } = change;
  const data = base.data.slice();
  const columns = affected(plan.horizontal, x, change.width);
  const rows = affected(plan.vertical, y, change.height);
  const width = columns.end - columns.start;
  const narrow = new Float32Array(change.height * width * channels);
  eachWeight(plan.horizontal, columns, x, change.width, (output, input, weight) => {
    for (let row = 0; row < change.height; row++) {
      const from = (row * change.width + input) * channels;
      const to = (row * width + output - columns.start) * channels;
      for (let c = 0; c < channels; c++) narrow[to + c] += weight * change.data[from + c];
    }
  });
  eachWeight(plan.vertical, rows, y, change.height, (output, input, weight) => {
    const from = input * width * channels;
    const to = (output * base.width + columns.start) * channels;
    for (let s = 0; s < width * channels; s++) data[to + s] += weight * narrow[from + s];
  });
  return { ...base, data };
}

/** Output indices whose weights reach into the window [start, start + extent) of the input. */
function affected(axis: Axis, start: number, extent: number): { start: number; end: number } {
  let from = 0;
  while (from < axis.output && axis.first[from] + axis.length[from] <= start) from++;
  let to = from;
  while (to < axis.output && axis.first[to] < start + extent) to++;
  return { start: from, end: to };
}

function eachWeight(
  axis: Axis,
  outputs: { start: number; end: number },
  start: number,
  extent: number,
  visit: (output: number, input: number, weight: number) => void,
): void {
  for (let output = outputs.start; output < outputs.end; output++) {
    for (let k = 0; k < axis.length[output]; k++) {
      const input = axis.first[output] + k - start;
      if (input >= 0 && input < extent) visit(output, input, axis.weights[output * axis.taps + k]);
    }
  }
}
