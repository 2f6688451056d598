import { beforeEach, expect, test } from 'vitest';
import { Viewer } from './viewer.svelte.ts';

let viewer: Viewer;
beforeEach(() => {
  viewer = new Viewer();
  viewer.room = { width: 1002, height: 600 };
  viewer.show({ width: 2000, height: 1000 });
});

test('an image that fits goes on fitting when the window or the mode changes', () => {
  expect(viewer.view.scale).toBeCloseTo(0.501);
  viewer.room = { width: 402, height: 600 };
  expect(viewer.view.scale).toBeCloseTo(0.201);
  viewer.mode = 'sideBySide';
  expect(viewer.pane.width).toBe(200);
  expect(viewer.view.scale).toBeCloseTo(0.1);
});

test('the place stays for the next image of the same size and is fitted for another', () => {
  viewer.zoom(4);
  viewer.pan(-100, 0);
  const before = viewer.view;
  viewer.show({ width: 2000, height: 1000 });
  expect(viewer.view).toEqual(before);
  viewer.show({ width: 900, height: 900 });
  expect(viewer.fits).toBe(true);
});

test('all overlays go away at once and the same ones come back', () => {
  viewer.toggle('disc');
  const before = viewer.overlays;
  viewer.toggleAll();
  expect(Object.values(viewer.overlays).some(Boolean)).toBe(false);
  viewer.toggleAll();
  expect(viewer.overlays).toEqual(before);
});

test('a place out of sight is brought into the middle, one in sight moves nothing', () => {
  viewer.zoom(8);
  const before = viewer.view;
  viewer.reveal({ x: 1000, y: 500 });
  expect(viewer.view).toEqual(before);
  viewer.reveal({ x: 10, y: 20 });
  expect(viewer.view).toMatchObject({ x: 10, y: 20 });
});
