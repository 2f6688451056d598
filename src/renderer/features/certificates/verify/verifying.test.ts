import { beforeEach, expect, test } from 'vitest';
import type { Verification, VerificationLine } from '../../../../shared/contract/certificates.ts';
import type { PathHandle } from '../../../../shared/contract/handles.ts';
import { FakeBridge } from '../../../state/fake-bridge.ts';
import { verdictOf, Verifying } from './verifying.svelte.ts';

const line = (status: VerificationLine['status']): VerificationLine => ({ status, code: status, reason: '' });
const imageOf = (path: string, integrity: VerificationLine['status']): Verification['images'][number] => ({
  path,
  signer: null,
  integrity: line(integrity),
  signature: line('valid'),
  trust: line('valid'),
  checks: [],
});
const handle = (digit: string): PathHandle => ({
  id: digit.repeat(32),
  kind: 'folder',
  name: digit,
  shown: `/${digit}`,
});
const outcome = (...images: Verification['images']): Verification => ({
  subject: 'x',
  verified: false,
  set: null,
  images,
});

let verifying: Verifying;
beforeEach(() => {
  verifying = new Verifying();
});

test('where something is wrong, that is what is shown first', async () => {
  FakeBridge.install({
    'certificates.verify': () =>
      outcome(imageOf('a', 'valid'), imageOf('b', 'invalid'), imageOf('c', 'unknown')),
  });
  await verifying.verify(handle('1'));
  expect(verifying.images.map(({ path }) => path)).toEqual(['b', 'c']);
  verifying.onlyProblems = false;
  expect(verifying.images.length).toBe(3);
});

test('what was dropped last is what is shown, also when the first answer comes later', async () => {
  let late: (answer: Verification) => void = () => undefined;
  FakeBridge.install({
    'certificates.verify': ({ path }) =>
      path.startsWith('1') ? new Promise((resolve) => (late = resolve)) : outcome(imageOf('second', 'valid')),
  });
  const first = verifying.verify(handle('1'));
  await verifying.verify(handle('2'));
  late(outcome(imageOf('first', 'valid')));
  await first;
  expect(verifying.image?.path).toBe('second');
  expect(verifying.busy).toBe(false);
});

test('what cannot be verified is a failure with its words, not an empty result', async () => {
  FakeBridge.install();
  await verifying.verify(handle('1'));
  expect(verifying.result).toBeNull();
  expect(verifying.failure?.message).toContain('certificates.verify');
});

test('what is broken is told apart from what cannot be said', () => {
  expect(verdictOf(imageOf('a', 'valid'))).toBe('good');
  expect(verdictOf(imageOf('a', 'unknown'))).toBe('open');
  expect(verdictOf({ ...imageOf('a', 'unknown'), trust: line('invalid') })).toBe('bad');
});
