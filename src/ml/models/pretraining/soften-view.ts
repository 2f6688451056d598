import type { Random } from '../../random.ts';
import type { View } from './viewpoint.ts';

/** Defocus (a Gaussian of up to about 1.4 pixels) and grain, in place. */
export function softenView(view: View, random: Random): void {
  const sigma = random.next() < 0.5 ? 0 : 0.3 + 1.1 * random.next() ** 2;
  if (sigma > 0) blur(view, sigma);
  const grain = 0.001 + 0.011 * random.next() ** 3;
  const { colours, field } = view;
  for (let i = 0; i < colours.length; i++) {
    if (field[Math.floor(i / 3)] > 0) colours[i] += grain * random.normal();
  }
}

function blur({ side, colours }: View, sigma: number): void {
  const reach = Math.ceil(2.5 * sigma);
  const weights = Float32Array.from({ length: 2 * reach + 1 }, (_, i) =>
    Math.exp(-((i - reach) ** 2) / (2 * sigma * sigma)),
  );
  const sum = weights.reduce((total, w) => total + w, 0);
  const source = new Float32Array(colours.length);
  for (const stride of [3, 3 * side]) {
    source.set(colours);
    for (let p = 0; p < side * side; p++) {
      const place = stride === 3 ? p % side : Math.floor(p / side);
      for (let c = 0; c < 3; c++) {
        let total = 0;
        for (let k = -reach; k <= reach; k++) {
          const inside = Math.min(side - 1, Math.max(0, place + k)) - place;
          total += weights[k + reach] * source[p * 3 + c + inside * stride];
        }
        colours[p * 3 + c] = total / sum;
      }
    }
  }
}
