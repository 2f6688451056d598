import { beforeEach, expect, test } from 'vitest';
import type { ReviewItem, ZoneBox } from '../../../shared/contract/review.ts';
import { FakeBridge } from '../../state/fake-bridge.ts';
import { BoxEditor } from './box-editor.svelte.ts';

const job = 'a'.repeat(32);
const old: ZoneBox = { box: { x: 100, y: 100, width: 50, height: 40 }, class: 'haemorrhage' };
const item = { path: 'a.png', before: { width: 400, height: 300 }, boxes: [old] } as unknown as ReviewItem;

let editor: BoxEditor;
beforeEach(() => {
  editor = new BoxEditor();
  editor.begin(job, item);
});

test('a drag over free ground draws a box of the chosen class, one step of undo', () => {
  editor.setClass('hard-exudate');
  editor.press({ x: 10, y: 10 }, 3);
  editor.drag({ x: 30, y: 20 });
  editor.drag({ x: 60, y: 40 });
  editor.release();
  expect(editor.boxes).toEqual([
    old,
    { box: { x: 10, y: 10, width: 50, height: 30 }, class: 'hard-exudate' },
  ]);
  editor.undo();
  expect(editor.boxes).toEqual([old]);
  expect(editor.changed).toBe(false);
  editor.redo();
  expect(editor.boxes.length).toBe(2);
});

test('a click on free ground draws nothing and gives up the selection', () => {
  editor.press({ x: 120, y: 120 }, 3);
  editor.release();
  expect(editor.selected).toBe(0);
  editor.press({ x: 10, y: 10 }, 3);
  editor.release();
  expect(editor.selected).toBeNull();
  expect(editor.canUndo).toBe(false);
});

test('a handle resizes, the inside moves', () => {
  editor.press({ x: 150, y: 140 }, 3);
  editor.drag({ x: 170, y: 145 });
  editor.release();
  expect(editor.boxes[0]?.box).toEqual({ x: 100, y: 100, width: 70, height: 45 });
  editor.press({ x: 120, y: 120 }, 3);
  editor.drag({ x: 115, y: 130 });
  editor.release();
  expect(editor.boxes[0]?.box).toEqual({ x: 95, y: 110, width: 70, height: 45 });
});

test('the keyboard draws, moves, resizes, names and removes', () => {
  editor.addAt({ x: 200, y: 150 }, 40);
  editor.nudge(5, 0, false);
  editor.nudge(0, 10, true);
  editor.setClass('other');
  expect(editor.boxes[1]).toEqual({ box: { x: 185, y: 130, width: 40, height: 50 }, class: 'other' });
  editor.remove();
  expect(editor.boxes).toEqual([old]);
});

test('saving writes what is drawn; when that fails the drawing stays open', async () => {
  editor.addAt({ x: 200, y: 150 }, 40);
  FakeBridge.install();
  expect(await editor.save()).toBeNull();
  expect(editor.active).toBe(true);
  FakeBridge.install({ 'review.setBoxes': ({ boxes }) => ({ boxes, conflict: true }) });
  const saved = await editor.save();
  expect(saved?.boxes.length).toBe(2);
  expect(saved?.conflict).toBe(true);
  expect(editor.active).toBe(false);
});
