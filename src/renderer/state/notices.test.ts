import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { Notices } from './notices.svelte.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

it('shows the same message once, as the newest', () => {
  const notices = new Notices();
  notices.add({ tone: 'bad', message: 'disk full' });
  notices.add({ tone: 'bad', message: 'key locked' });
  notices.add({ tone: 'bad', message: 'disk full' });
  expect(notices.list.map(({ message }) => message)).toEqual(['key locked', 'disk full']);
});

it('lets good news go by themselves and keeps bad news until they are closed', () => {
  const notices = new Notices();
  notices.add({ tone: 'good', message: 'copied' });
  notices.add({ tone: 'bad', message: 'disk full' });
  vi.advanceTimersByTime(60_000);
  expect(notices.list.map(({ message }) => message)).toEqual(['disk full']);
  notices.close(notices.list[0]?.number ?? -1);
  expect(notices.list).toEqual([]);
});

it('never covers the screen', () => {
  const notices = new Notices();
  for (let number = 0; number < 20; number++) notices.add({ tone: 'bad', message: `failure ${number}` });
  expect(notices.list.map(({ message }) => message)).toEqual([
    'failure 16',
    'failure 17',
    'failure 18',
    'failure 19',
  ]);
});

it('leaves what matters on one screen behind when another is opened', () => {
  const notices = new Notices();
  notices.add({ tone: 'warn', message: 'a mark lies on a box', screen: 'review' });
  notices.add({ tone: 'bad', message: 'disk full' });
  notices.leaveFor('review');
  expect(notices.list).toHaveLength(2);
  notices.leaveFor('certificates');
  expect(notices.list.map(({ message }) => message)).toEqual(['disk full']);
});
