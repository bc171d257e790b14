import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CorruptBytesError } from '../../core/codec/byte-reader.ts';
import { decodeValue, encodeValue } from '../../core/codec/value-codec.ts';

const scalar = fc.oneof(
  fc.constant(null),
  fc.constant(undefined),
  fc.boolean(),
  fc.double(),
  fc.integer(),
  fc.maxSafeInteger(),
  fc.bigInt(),
  fc.string({ unit: 'grapheme' }),
  fc.string({ unit: 'binary' }).map((text) => `${text}\ud83d`),
  fc.date(),
  fc.uint8Array(),
  fc.float64Array(),
);
const value = fc.letrec((tie) => ({
  any: fc.oneof({ maxDepth: 4 }, scalar, tie('list'), tie('object'), tie('map'), tie('set')),
  list: fc.array(tie('any'), { maxLength: 5 }),
  object: fc.dictionary(fc.string(), tie('any'), { maxKeys: 5, noNullPrototype: true }),
  map: fc.array(fc.tuple(tie('any'), tie('any')), { maxLength: 3 }).map((entries) => new Map(entries)),
  set: fc.array(tie('any'), { maxLength: 3 }).map((items) => new Set(items)),
})).any;

describe('the value codec', () => {
  it('gives back every plain value', () => {
    fc.assert(
      fc.property(value, (original) => {
        expect(decodeValue(encodeValue(original))).toStrictEqual(original);
      }),
    );
  });

  it('gives equal bytes for equal values', () => {
    fc.assert(
      fc.property(value, (original) => {
        expect(encodeValue(decodeValue(encodeValue(original)))).toEqual(encodeValue(original));
      }),
    );
  });

  it('gives bytes that are a copy, also of what a Buffer holds', () => {
    const written = Buffer.from(encodeValue(Uint8Array.of(1, 2, 3)));
    const copy = decodeValue(written);
    written.fill(9);
    expect(copy).toStrictEqual(Uint8Array.of(1, 2, 3));
  });

  it('reads a bigint of a million digits in a time that is in proportion', () => {
    const large = (1n << 3_000_000n) - 1n;
    expect(decodeValue(encodeValue(-large)) === -large).toBe(true);
  });

  it('writes a property name once for records of one shape', () => {
    const record = { averylongpropertyname: 1 };
    expect(encodeValue(Array.from({ length: 101 }, () => record)).length - encodeValue([record]).length).toBe(500);
  });

  it('keeps a property called __proto__ a property', () => {
    const original: unknown = JSON.parse('{"__proto__": {"admin": true}}');
    const copy = decodeValue(encodeValue(original)) as object;
    expect(Object.keys(copy)).toEqual(['__proto__']);
    expect(Object.getPrototypeOf(copy)).toBe(Object.prototype);
  });

  it('refuses what is no plain data, with the path to it', () => {
    class Visit {}
    expect(() => encodeValue({ visits: [new Visit()] })).toThrow('"visits.0" is an instance of Visit');
    expect(() => encodeValue({ f: () => 1 })).toThrow('"f" is a function');
    expect(() => encodeValue(Symbol('s'))).toThrow('the value is a symbol');
  });

  it('refuses a cycle instead of running out of stack', () => {
    const cycle: Record<string, unknown> = {};
    cycle.self = cycle;
    expect(() => encodeValue(cycle)).toThrow('or a cycle');
  });

  it('ends on bytes that nobody wrote, with an error or a value', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        try {
          decodeValue(bytes);
        } catch (error) {
          expect(error).toBeInstanceOf(CorruptBytesError);
        }
      }),
      { numRuns: 2000 },
    );
  });

  it('finds every cut of a value', () => {
    const bytes = encodeValue({ a: [1, 'two', 3n, { four: new Date(4) }] });
    for (let length = 0; length < bytes.length; length++) {
      expect(() => decodeValue(bytes.subarray(0, length))).toThrow(CorruptBytesError);
    }
  });

  it('does not reserve memory for a count that the bytes cannot hold', () => {
    expect(() => decodeValue(Uint8Array.of(9, 0xff, 0xff, 0xff, 0xff, 0x7f))).toThrow('parts are more than');
  });
});
