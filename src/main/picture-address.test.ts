import { describe, expect, it } from 'vitest';
import { pictureFileOf } from './picture-address.ts';

const id = '0123456789abcdef0123456789abcdef';

describe('pictureFileOf', () => {
  it('takes an id and a level', () => {
    expect(pictureFileOf(`medlocker-image://pixels/${id}/0`)).toBe(`${id}/0`);
  });

  it.each([
    ['another host', `medlocker-image://other/${id}/0`],
    ['another scheme', `file://pixels/${id}/0`],
    ['a way up', `medlocker-image://pixels/${id}/../0`],
    ['an encoded way up', `medlocker-image://pixels/%2e%2e/${id}/0`],
    ['an encoded slash', `medlocker-image://pixels/${id}%2f0`],
    ['a backslash', `medlocker-image://pixels/${id}\\0`],
    ['a query', `medlocker-image://pixels/${id}/0?x`],
    ['a longer id that begins alike', `medlocker-image://pixels/${id}0/0`],
    ['capital letters', `medlocker-image://pixels/${id.toUpperCase()}/0`],
    ['a line end behind', `medlocker-image://pixels/${id}/0\n`],
    ['an absolute path', 'medlocker-image://pixels//etc/passwd'],
  ])('refuses %s', (_, url) => {
    expect(pictureFileOf(url)).toBeNull();
  });
});
