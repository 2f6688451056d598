import type { Random } from '../../random.ts';

/**
 * The order in which an epoch visits the images: as many visits as images, each class drawn with a share proportional
 * to n^(1 - balance) of its n images: 0 keeps the natural mix, 1 visits every class equally often. Within a class every
 * image comes once before any comes again.
 */
export function epochOrder(
  labels: ArrayLike<number>,
  classes: number,
  balance: number,
  random: Random,
): number[] {
  const members: number[][] = Array.from({ length: classes }, () => []);
  for (let index = 0; index < labels.length; index++) members[labels[index] ?? 0]?.push(index);
  const weights = members.map(({ length }) => (length === 0 ? 0 : length ** (1 - balance)));
  const visits = apportion(labels.length, weights);
  const order = members.flatMap((indices, label) => {
    const wanted = visits[label] ?? 0;
    const chosen: number[] = [];
    while (chosen.length < wanted) chosen.push(...random.shuffle(indices).slice(0, wanted - chosen.length));
    return chosen;
  });
  return random.shuffle(order);
}

/** Whole numbers that add up to `total` in proportion to the weights (largest remainders, Hamilton). */
function apportion(total: number, weights: readonly number[]): number[] {
  const sum = weights.reduce((a, b) => a + b, 0);
  const exact = weights.map((weight) => (sum > 0 ? (total * weight) / sum : 0));
  const shares = exact.map(Math.floor);
  const missing = sum > 0 ? total - shares.reduce((a, b) => a + b, 0) : 0;
  const byRemainder = exact
    .map((value, i) => [value - Math.floor(value), i] as const)
    .sort((a, b) => b[0] - a[0]);
  for (const [, index] of byRemainder.slice(0, missing)) shares[index] = (shares[index] ?? 0) + 1;
  return shares;
}
