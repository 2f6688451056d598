import { beforeEach, expect, test, vi } from 'vitest';
import type { ReviewItem } from '../../../../shared/contract/review.ts';
import { FakeBridge } from '../../../state/fake-bridge.ts';
import { BoxEditor } from '../box-editor.svelte.ts';
import { MarkMoving } from '../mark-moving.svelte.ts';
import { Viewer } from '../viewer.svelte.ts';
import { beginPress } from './press.ts';

// One pixel of the image is two of the screen.
const item = {
  path: 'a.png',
  before: { width: 400, height: 300 },
  marks: [
    { x: 40, y: 60, width: 20, height: 10 },
    { x: 200, y: 100, width: 20, height: 10 },
  ],
  boxes: [],
} as unknown as ReviewItem;
const job = 'a'.repeat(32);
const picture = { id: 'b'.repeat(32), width: 400, height: 300, levels: [{ width: 400, height: 300 }] };

let viewer: Viewer;
let moving: MarkMoving;
let editor: BoxEditor;
const ontake = vi.fn<(mark: number) => void>();
const ondrop = vi.fn<() => void>();
const press = (x: number, y: number, panOnly = false) =>
  beginPress({ at: { x, y }, viewer, item, moving, editor, panOnly, ontake, ondrop });

beforeEach(() => {
  vi.clearAllMocks();
  FakeBridge.install({
    'review.legalPlaces': () => ({ picture, places: 1 }),
    'review.nearestPlace': ({ x, y }) => ({ x, y }),
  });
  viewer = new Viewer();
  viewer.room = { width: 800, height: 600 };
  viewer.show(item.before);
  moving = new MarkMoving();
  editor = new BoxEditor();
});

test('a drag moves the image, one that begins on the edge moves the edge', () => {
  press(100, 100).move({ x: 140, y: 120 });
  expect(viewer.view).toMatchObject({ x: 180, y: 140 });
  expect(viewer.edge).toBe(0.5);
  press(402, 100).move({ x: 600, y: 100 });
  expect(viewer.edge).toBeCloseTo(0.75);
  viewer.mode = 'blink';
  press(602, 100).move({ x: 400, y: 100 });
  expect(viewer.edge).toBeCloseTo(0.75);
});

test('a mark follows the pointer from where it was grabbed, and is dropped where it was let go', async () => {
  await moving.begin(job, item, 0);
  const drag = press(90, 130);
  drag.move({ x: 190, y: 150 });
  await vi.waitFor(() => expect(moving.place).toEqual({ x: 90, y: 70 }));
  drag.end();
  expect(ondrop).toHaveBeenCalledOnce();
  expect(ontake).not.toHaveBeenCalled();
});

test('pressing another mark takes that one; a click alone drops nothing; the middle button pans', async () => {
  await moving.begin(job, item, 0);
  press(410, 210).end();
  expect(ontake).toHaveBeenCalledWith(1);
  expect(ondrop).not.toHaveBeenCalled();
  press(90, 130, true).move({ x: 100, y: 130 });
  expect(moving.wanted).toEqual({ x: 40, y: 60 });
  expect(viewer.view.x).toBe(195);
});

test('while boxes are edited a drag draws one in image pixels', () => {
  editor.begin(job, item);
  const drag = press(100, 100);
  drag.move({ x: 200, y: 160 });
  drag.end();
  expect(editor.boxes.map(({ box }) => box)).toEqual([{ x: 50, y: 50, width: 50, height: 30 }]);
});
