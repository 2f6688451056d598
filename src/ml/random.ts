/**
 * A seeded source of pseudo-random numbers: the same seed gives the same sequence on every platform, because only
 * 32-bit integer arithmetic decides it. Not for secrets.
 */
export interface Random {
  /** Uniform in [0, 1), 32 bits of resolution. */
  next(): number;
  /** Standard normal (mean 0, variance 1). */
  normal(): number;
  /** Uniform integer in [0, n), without modulo bias; `n` in 1..2^32. */
  integer(n: number): number;
  /** The items in random order (Fisher-Yates) as a new array. */
  shuffle<T>(items: readonly T[]): T[];
}

/** A generator (sfc32 of PractRand, Doty-Humphrey) for an integer seed in 0..2^53-1. */
export function createRandom(seed: number): Random {
  if (!Number.isSafeInteger(seed) || seed < 0)
    throw new RangeError(`seed must be an integer >= 0, got ${seed}`);
  let a = mix(seed >>> 0);
  let b = mix((Math.floor(seed / 2 ** 32) ^ 0x9e3779b9) >>> 0);
  let c = mix(a ^ b);
  let counter = 1;

  const bits = (): number => {
    const result = (((a + b) | 0) + counter) | 0;
    counter = (counter + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = ((c << 21) | (c >>> 11)) + result;
    c |= 0;
    return result >>> 0;
  };
  for (let warmUp = 0; warmUp < 12; warmUp++) bits();

  const next = (): number => bits() / 2 ** 32;

  const integer = (n: number): number => {
    if (!Number.isInteger(n) || n < 1 || n > 2 ** 32)
      throw new RangeError(`n must be an integer in 1..2^32, got ${n}`);
    const limit = 2 ** 32 - (2 ** 32 % n);
    let value = bits();
    while (value >= limit) value = bits();
    return value % n;
  };

  // Marsaglia's polar method gives two normals at a time; the second waits here.
  let spare: number | undefined;
  const normal = (): number => {
    if (spare !== undefined) {
      const value = spare;
      spare = undefined;
      return value;
    }
    for (;;) {
      const u = 2 * next() - 1;
      const v = 2 * next() - 1;
      const s = u * u + v * v;
      if (s > 0 && s < 1) {
        const factor = Math.sqrt((-2 * Math.log(s)) / s);
        spare = v * factor;
        return u * factor;
      }
    }
  };

  const shuffle = <T>(items: readonly T[]): T[] => {
    const result = items.slice();
    for (let last = result.length - 1; last > 0; last--) {
      const other = integer(last + 1);
      [result[last], result[other]] = [result[other], result[last]];
    }
    return result;
  };

  return { next, normal, integer, shuffle };
}

/**
 * A 32-bit seed for a named part of the work, e.g. `deriveSeed(jobSeed, 'search', fileName, 3)`: parts get independent
 * sequences, whatever the order they run in.
 */
export function deriveSeed(seed: number, ...labels: readonly (string | number)[]): number {
  let state = mix(seed >>> 0) ^ mix(Math.floor(seed / 2 ** 32) >>> 0);
  for (const label of labels) {
    // The type goes in as well, so that 1 and '1' differ, and the separator keeps ('ab','c') apart from ('a','bc').
    for (const character of `${typeof label}:${label}\u0000`) {
      state = mix((state ^ (character.codePointAt(0) ?? 0)) >>> 0);
    }
  }
  return state >>> 0;
}

/** The finaliser of MurmurHash3 (public domain) after an odd offset: every input bit reaches every output bit. */
function mix(value: number): number {
  let h = (value + 0x9e3779b9) | 0;
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
}
