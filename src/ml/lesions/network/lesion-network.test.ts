import type { Tensor4D } from '@tensorflow/tfjs-core';
import { expect, it } from 'vitest';
import { openSession } from '../../onnx/session.ts';
import { createRandom } from '../../random.ts';
import { tf } from '../../runtime/tensorflow.ts';
import { exportLesionNetwork, networkInput, networkOutput } from './export-lesion-network.ts';
import { networkClasses } from './lesion-classes.ts';
import { lesionNetwork } from './lesion-network.ts';
import { viewChannels } from './network-view.ts';
import { tilesOf } from './tiles.ts';

it('has the weights its levels add up to', () => {
  const network = lesionNetwork(1);
  // Convolutions by hand: down 6-12-12, 12-24-24, 24-48-48, 48-64-64, 64-96-96; narrow 1x1; up 3x3; maps 12-5 with bias.
  const down =
    9 * (6 * 12 + 12 * 12 + 12 * 24 + 24 * 24 + 24 * 48 + 48 * 48 + 48 * 64 + 64 * 64 + 64 * 96 + 96 * 96);
  const narrow = 96 * 64 + 64 * 48 + 48 * 24 + 24 * 12;
  const up = 9 * (64 * 64 + 48 * 48 + 24 * 24 + 12 * 12);
  const normalised = 2 * (12 + 24 + 48 + 64 + 96) + 2 * (64 + 48 + 24 + 12);
  expect(network.countParams()).toBe(down + narrow + up + 4 * normalised + 12 * 5 + 5);
  network.dispose();
});

it('answers the same as ONNX file and as TensorFlow.js model', async () => {
  const [rows, columns] = [32, 48];
  const random = createRandom(5);
  const network = lesionNetwork(3);
  // Moving statistics and scales as after training: at their first values a mistake in folding would not show.
  for (const weight of network.weights) {
    const value = weight.read();
    if (value.rank !== 1) continue;
    const drawn = tf.tensor1d(Float32Array.from({ length: value.size }, () => 0.5 + random.next()));
    weight.write(drawn);
  }
  const view = Float32Array.from({ length: viewChannels * rows * columns }, () => random.normal());
  const session = await openSession(exportLesionNetwork(network), 'test', 1);
  const answer = await session.run(
    { [networkInput]: { data: view, dims: [1, viewChannels, rows, columns] } },
    [networkOutput],
  );
  await session.release();
  const expected = tf.tidy(() => {
    const x = tf.transpose(tf.tensor4d(view, [1, viewChannels, rows, columns]), [0, 2, 3, 1]);
    return tf.transpose(tf.sigmoid(network.predict(x) as Tensor4D), [0, 3, 1, 2]).dataSync<'float32'>();
  });
  const { data, dims } = answer[networkOutput];
  expect(dims).toEqual([1, networkClasses.length, rows, columns]);
  expect(Math.max(...data.map((value, i) => Math.abs(value - expected[i])))).toBeLessThan(1e-5);
  network.dispose();
}, 30_000);

it.each([
  [1, 1],
  [800, 690],
  [1300, 512],
  [513, 47],
])('tiles keep every pixel of a %i x %i view exactly once, within the tile', (width, height) => {
  const kept = new Uint8Array(width * height);
  for (const { x, y, rows, columns, inner } of tilesOf(width, height)) {
    expect([rows % 16, columns % 16, x % 16, y % 16]).toEqual([0, 0, 0, 0]);
    expect(inner.x >= x && inner.x + inner.width <= x + columns).toBe(true);
    expect(inner.y >= y && inner.y + inner.height <= y + rows).toBe(true);
    for (let row = inner.y; row < inner.y + inner.height; row++) {
      for (let column = inner.x; column < inner.x + inner.width; column++) kept[row * width + column] += 1;
    }
  }
  expect(kept.every((count) => count === 1)).toBe(true);
});
