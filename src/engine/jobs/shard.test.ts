import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { hashBytes } from './content-hash.ts';
import { belongsTo, parseShard, shardName } from './shard.ts';

describe('parseShard', () => {
  it('reads i/n', () => {
    expect(parseShard('2/4')).toEqual({ index: 2, count: 4 });
  });

  it.each(['0/4', '5/4', '1', '1/0', 'a/b', '1/4/2', '-1/4', '1.5/4', ''])('refuses %j', (text) => {
    expect(() => parseShard(text)).toThrow('not of the form i/n');
  });
});

describe('belongsTo', () => {
  it('puts every file into exactly one shard', () => {
    fc.assert(
      fc.property(fc.string(), fc.integer({ min: 1, max: 50 }), (path, count) => {
        const owners = Array.from({ length: count }, (_, index) => ({ index: index + 1, count })).filter(
          (shard) => belongsTo(shard, hashBytes(path)),
        );
        expect(owners).toHaveLength(1);
      }),
    );
  });

  it('spreads files about evenly', () => {
    const inFirst = Array.from({ length: 4000 }, (_, index) => hashBytes(`eye-${index}.png`)).filter((hash) =>
      belongsTo({ index: 1, count: 4 }, hash),
    );
    // 1000 expected; 6 standard deviations of the binomial are 164.
    expect(Math.abs(inFirst.length - 1000)).toBeLessThan(164);
  });
});

describe('shardName', () => {
  it('names the whole job main', () => {
    expect([shardName({ index: 1, count: 1 }), shardName({ index: 2, count: 4 })]).toEqual([
      'main',
      '2-of-4',
    ]);
  });
});
