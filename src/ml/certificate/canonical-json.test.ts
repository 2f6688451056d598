import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { canonicalBytes, canonicalFile, matchSchema, parseCanonicalFile } from './canonical-json.ts';

const { documents, numbers, notFinite } = z
  .object({
    documents: z.array(z.object({ name: z.string(), input: z.string(), canonicalHex: z.string() })),
    numbers: z.array(z.tuple([z.string(), z.string()])),
    notFinite: z.array(z.string()),
  })
  .parse(JSON.parse(readFileSync(new URL('../../../test/vectors/rfc8785.json', import.meta.url), 'utf8')));

const options = {
  subject: 'x.json',
  what: 'certificate',
  code: 'certificate-unreadable',
  limit: 1000,
} as const;
const parse = (text: string | Buffer) => parseCanonicalFile(Buffer.from(text), options);
const double = (hex: string) => Buffer.from(hex, 'hex').readDoubleBE();

describe('canonicalBytes', () => {
  it.each(documents)('gives the published form of "$name"', ({ input, canonicalHex }) => {
    expect(canonicalBytes(JSON.parse(input)).toString('hex')).toBe(canonicalHex);
  });

  it.each(numbers)('writes the double %s as %s (RFC 8785, appendix B)', (hex, text) => {
    expect(canonicalBytes(double(hex)).toString()).toBe(text);
  });

  it.each(notFinite)('refuses the double %s, which is not finite', (hex) => {
    expect(() => canonicalBytes({ value: double(hex) })).toThrow(TypeError);
  });

  it('refuses strings with lone surrogates, as values and as keys', () => {
    expect(() => canonicalBytes('\ud800')).toThrow(TypeError);
    expect(() => canonicalBytes({ '\udead': 1 })).toThrow(TypeError);
  });

  it('refuses what is no JSON value', () => {
    const circular: unknown[] = [];
    circular.push(circular);
    for (const value of [undefined, () => 1, circular])
      expect(() => canonicalBytes(value)).toThrow(TypeError);
  });

  it('is idempotent: parsing and writing again changes nothing', () => {
    fc.assert(
      fc.property(fc.jsonValue({ stringUnit: 'grapheme' }), (value) => {
        const once = canonicalBytes(value);
        expect(canonicalBytes(JSON.parse(once.toString())).equals(once)).toBe(true);
      }),
      { seed: 1, numRuns: 300 },
    );
  });
});

describe('parseCanonicalFile', () => {
  it('reads what canonicalFile wrote', () => {
    const value = { b: [1, 'ä', null], a: { c: 1e21 } };
    expect(parse(canonicalFile(value))).toEqual(value);
  });

  it.each([
    ['a duplicate key', '{"a":1,"a":1}\n'],
    ['unsorted keys', '{"b":1,"a":1}\n'],
    ['white space', '{"a": 1}\n'],
    ['another form of a number', '{"a":1.0}\n'],
    ['minus zero', '{"a":-0}\n'],
    ['a number that overflows', '{"a":1e400}\n'],
    ['an escape that is not needed', '{"a":"\\u0041"}\n'],
    ['a lone surrogate', '{"a":"\\ud800"}\n'],
    ['a missing line feed', '{"a":1}'],
    ['a second line feed', '{"a":1}\n\n'],
    ['a carriage return', '{"a":1}\r\n'],
    ['a byte order mark', '\ufeff{"a":1}\n'],
    ['text behind the document', '{"a":1}\nx'],
    ['something else than JSON', 'hello\n'],
    ['an empty file', ''],
    ['too many bytes', `"${'x'.repeat(1000)}"\n`],
    ['deep nesting', `${'['.repeat(40)}${']'.repeat(40)}\n`],
  ])('refuses %s', (_name, text) => {
    expect(() => parse(text)).toThrow(
      expect.objectContaining({ name: 'Failure', code: 'certificate-unreadable' }),
    );
  });

  it('refuses invalid UTF-8', () => {
    expect(() => parse(Buffer.from([0x22, 0xff, 0x22, 0x0a]))).toThrow(/canonical/);
  });

  it('counts brackets outside strings only', () => {
    const value = '[{'.repeat(60);
    expect(parse(canonicalFile(value))).toBe(value);
  });

  it('survives a million brackets', () => {
    const bytes = Buffer.alloc(1_000_000, '[');
    expect(() => parseCanonicalFile(bytes, { ...options, limit: 2_000_000 })).toThrow(/nested/);
  });

  it('never quotes the content in its message', () => {
    expect(() => parse('{"secret":"hunter2",}')).toThrow(
      expect.not.objectContaining({ message: expect.stringContaining('hunter2') }),
    );
  });
});

describe('matchSchema', () => {
  const schema = z.strictObject({ format: z.literal('medlocker-x/1'), a: z.int() });
  const match = (value: unknown) => matchSchema(value, schema, 'medlocker-x/1', options);

  it('tells a newer version apart from damage', () => {
    expect(() => match({ format: 'medlocker-x/2', a: 1 })).toThrow(/has format medlocker-x\/2/);
    expect(() => match({ a: 1 })).toThrow(/no certificate/);
    expect(() => match([1])).toThrow(/no certificate/);
  });

  it('refuses members it does not know and names wrong fields', () => {
    expect(() => match({ format: 'medlocker-x/1', a: 1, b: 2 })).toThrow(/impossible value/);
    expect(() => match({ format: 'medlocker-x/1', a: 'x' })).toThrow(/impossible value in a/);
  });
});
