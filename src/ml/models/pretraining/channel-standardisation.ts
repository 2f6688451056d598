import type { Random } from '../../random.ts';
import type { View } from './viewpoint.ts';

/**
 * Gives each channel of the field a mean near 0.52 and a standard deviation near 0.27, as some published collections
 * are prepared; what leaves the range is cut. Amplifies haze, rim and noise of dull pictures as it does there.
 */
export function standardiseChannels({ colours, field }: View, random: Random): void {
  const mean = 0.52 + 0.015 * random.normal();
  const deviation = 0.28 + 0.02 * random.normal();
  for (let c = 0; c < 3; c++) {
    let sum = 0;
    let squares = 0;
    let area = 1e-6;
    for (let p = 0; p < field.length; p++) {
      if (field[p] < 0.5) continue;
      const value = Math.min(1, Math.max(0, colours[p * 3 + c]));
      sum += value;
      squares += value * value;
      area += 1;
    }
    const centre = sum / area;
    const spread = Math.sqrt(Math.max(1e-4, squares / area - centre * centre));
    for (let p = 0; p < field.length; p++) {
      const at = p * 3 + c;
      colours[at] = field[p] * (mean + (deviation * (colours[at] - centre)) / spread);
    }
  }
}
