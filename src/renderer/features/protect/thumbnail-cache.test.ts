import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { FakeBridge } from '../../state/fake-bridge.ts';
import { ThumbnailCache } from './thumbnail-cache.svelte.ts';

const picture = { id: '0'.repeat(32), width: 1, height: 1, levels: [{ width: 1, height: 1 }] };
const names = (from: number, count: number) =>
  Array.from({ length: count }, (_, offset) => `${from + offset}.png`);

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

function install() {
  return FakeBridge.install({
    'source.thumbnails': async ({ paths }) =>
      paths.map((path) => ({ path, picture: path === '3.png' ? null : picture })),
  });
}

it('asks for what is in view, in small pages, and for nothing twice', async () => {
  const bridge = install();
  const cache = new ThumbnailCache();
  cache.want('folder', names(0, 40));
  await vi.advanceTimersByTimeAsync(1000);
  cache.want('folder', names(10, 40));
  await vi.advanceTimersByTimeAsync(1000);
  const asked = bridge.inputsOf('source.thumbnails') as { paths: string[] }[];
  expect(asked.every(({ paths }) => paths.length <= 64)).toBe(true);
  expect(asked.flatMap(({ paths }) => paths)).toEqual(names(0, 50));
  expect(cache.pictures.get('49.png')).toEqual(picture);
  expect(cache.pictures.get('3.png')).toBeNull();
});

it('does not ask for what was only scrolled past', async () => {
  const bridge = install();
  const cache = new ThumbnailCache();
  for (let top = 0; top < 5000; top += 100) {
    cache.want('folder', names(top, 20));
    await vi.advanceTimersByTimeAsync(5);
  }
  await vi.advanceTimersByTimeAsync(1000);
  const asked = bridge.inputsOf('source.thumbnails') as { paths: string[] }[];
  expect(asked.flatMap(({ paths }) => paths)).toEqual(names(4900, 20));
});

it('forgets the pictures of another folder', async () => {
  install();
  const cache = new ThumbnailCache();
  cache.want('folder', names(0, 2));
  await vi.advanceTimersByTimeAsync(1000);
  cache.want('other', names(0, 1));
  expect(cache.pictures.size).toBe(0);
});
