import { expect, test } from 'vitest';
import type { MatrixCell } from '../../../../shared/contract/lab.ts';
import { FakeBridge } from '../../../state/fake-bridge.ts';
import { Matrix, outcomeOf, type CellImage } from './matrix.svelte.ts';

const job = 'a'.repeat(32);
const rate = { k: 1, n: 4, rate: 0.25, low: 0.05, high: 0.7 };
const cellOf = (grader: string, role: MatrixCell['role'], pipeline: string): MatrixCell => ({
  grader,
  role,
  pipeline,
  protected: rate,
  control: rate,
  noiseFloor: rate,
  verdict: 'holds',
});
const imageOf = (path: string, protectedClass: number, counted: boolean): CellImage => ({
  path,
  reference: 2,
  clean: 2,
  protected: protectedClass,
  control: 2,
  counted,
});

test('a grader that is surrogate and victim has two rows', async () => {
  const cells = [cellOf('a', 'surrogate', 'direct'), cellOf('a', 'victim', 'direct')];
  FakeBridge.install({
    'lab.transferMatrix': () => ({ graders: [], pipelines: ['direct'], cells, notes: [] }),
  });
  const matrix = new Matrix();
  await matrix.open(job);
  expect(matrix.find('a', 'victim', 'direct')).toBe(cells[1]);
  expect(matrix.find('a', 'victim', 'jpeg:75')).toBeNull();
});

test('behind a cell the changed images come first, those that do not count last', async () => {
  FakeBridge.install({
    'lab.transferMatrix': () => ({ graders: [], pipelines: [], cells: [], notes: [] }),
    'lab.cellImages': () => [
      imageOf('wrong-before', 0, false),
      imageOf('kept', 2, true),
      imageOf('changed', 3, true),
    ],
  });
  const matrix = new Matrix();
  await matrix.open(job);
  await matrix.look(cellOf('a', 'victim', 'direct'));
  expect(matrix.images.map(({ path }) => path)).toEqual(['changed', 'kept', 'wrong-before']);
  expect(matrix.images.map(outcomeOf)).toEqual(['changed', 'kept', 'not-counted']);
});
