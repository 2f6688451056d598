import { createRandom, deriveSeed } from '../../random.ts';
import type { RetinaPack } from './retina-pack.ts';
import { CELL, CELL_BITS } from './viewpoint.ts';

export interface PretrainingBatch {
  /** [n, side, side, 3] in [0, 1]. */
  readonly pixels: Float32Array;
  readonly grades: readonly number[];
  /** [n, side / 4, side / 4, maps], 0 or 1, maps in the order of `CELL_BITS`. */
  readonly targets: Float32Array;
}

const BITS = Object.values(CELL_BITS);

/**
 * Endless batches of a pack in random order, every picture once a pass and mirrored in half of them; the next is read while
 * one is being used. Depends on the seed only.
 */
export async function* pretrainingBatches(
  pack: RetinaPack,
  { batchSize, seed }: { batchSize: number; seed: number },
): AsyncGenerator<PretrainingBatch, never> {
  const indices = Array.from({ length: pack.count }, (_, index) => index);
  const random = createRandom(deriveSeed(seed, 'pretraining-order'));
  let order: number[] = [];
  const draw = (): Promise<PretrainingBatch> => {
    if (order.length < batchSize) order = random.shuffle(indices);
    const chosen = order.splice(0, batchSize).map((index) => ({ index, mirrored: random.next() < 0.5 }));
    return batchOf(pack, chosen);
  };
  let next = draw();
  for (;;) {
    const batch = await next;
    next = draw();
    // A failure of the batch ahead must not surface as unhandled if the caller stops here.
    next.catch(() => undefined);
    yield batch;
  }
}

async function batchOf(
  pack: RetinaPack,
  chosen: readonly { index: number; mirrored: boolean }[],
): Promise<PretrainingBatch> {
  const { side } = pack;
  const across = side / CELL;
  const pixels = new Float32Array(chosen.length * side * side * 3);
  const targets = new Float32Array(chosen.length * across * across * BITS.length);
  const retinas = await Promise.all(chosen.map(({ index }) => pack.retina(index)));
  retinas.forEach((retina, place) => {
    const mirrored = chosen[place]?.mirrored === true;
    const first = place * side * side * 3;
    eachPlace(side, mirrored, (to, from) => {
      for (let c = 0; c < 3; c++) pixels[first + to * 3 + c] = retina.pixels[from * 3 + c] / 255;
    });
    const firstCell = place * across * across * BITS.length;
    eachPlace(across, mirrored, (to, from) => {
      BITS.forEach((bit, map) => {
        if ((retina.cells[from] & bit) !== 0) targets[firstCell + to * BITS.length + map] = 1;
      });
    });
  });
  return { pixels, grades: retinas.map(({ grade }) => grade), targets };
}

/** Calls with every place of a square and where its content comes from. */
function eachPlace(side: number, mirrored: boolean, visit: (to: number, from: number) => void): void {
  for (let y = 0; y < side; y++) {
    for (let x = 0; x < side; x++) visit(y * side + x, y * side + (mirrored ? side - 1 - x : x));
  }
}
