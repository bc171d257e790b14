import fc from 'fast-check';
import { expect, test } from 'vitest';
import { attributeOf, attributesOf, plainOf, recordOf } from '../../../core/connector/aws/attribute-value.ts';

/** DynamoDB has one kind of number: a whole one too large to be exact comes back as a bigint, whatever it was. */
const number = fc
  .double({ noNaN: true, noDefaultInfinity: true })
  .filter((value) => !Number.isInteger(value) || Number.isSafeInteger(value))
  .map((value) => (value === 0 ? 0 : value));
const scalar = fc.oneof(
  fc.constant(null),
  fc.boolean(),
  number,
  fc.integer(),
  fc.bigInt({ min: 2n ** 53n, max: 2n ** 100n }),
  fc.string(),
  fc.uint8Array(),
);
const value = fc.letrec((tie) => ({
  any: fc.oneof({ maxDepth: 4 }, scalar, tie('list'), tie('object'), tie('texts'), tie('numbers')),
  list: fc.array(tie('any'), { maxLength: 4 }),
  object: fc.dictionary(fc.string(), tie('any'), { maxKeys: 4, noNullPrototype: true }),
  texts: fc.array(fc.string(), { minLength: 1, maxLength: 3 }).map((items) => new Set(items)),
  numbers: fc.array(fc.integer(), { minLength: 1, maxLength: 3 }).map((items) => new Set(items)),
})).any;

test('what DynamoDB holds comes back as it was', () => {
  fc.assert(
    fc.property(value, (original) => {
      expect(plainOf(attributeOf(original))).toEqual(original);
    }),
  );
});

test('a whole number that is not exact as a number comes back as a bigint', () => {
  expect(plainOf(attributeOf(2 ** 53))).toBe(2n ** 53n);
  expect(plainOf(attributeOf(-(2 ** 53)))).toBe(-(2n ** 53n));
  expect(plainOf(attributeOf(2 ** 53 - 1))).toBe(2 ** 53 - 1);
});

test('bytes of events are base64 text', () => {
  expect(plainOf({ B: 'AQID' })).toEqual(Uint8Array.of(1, 2, 3));
  expect(plainOf({ BS: ['AQ=='] })).toEqual(new Set([Uint8Array.of(1)]));
});

test('dates are ISO text, maps are maps, and what is undefined is left out', () => {
  expect(
    attributesOf({ at: new Date(0), gone: undefined, map: new Map([['a', 1]]), mixed: new Set([1, 'a']) }),
  ).toEqual({
    at: { S: '1970-01-01T00:00:00.000Z' },
    map: { M: { a: { N: '1' } } },
    mixed: { L: [{ N: '1' }, { S: 'a' }] },
  });
  expect(recordOf({ a: { N: '1e3' } })).toEqual({ a: 1000 });
});

test('what it does not hold is refused', () => {
  expect(() => attributeOf({ ms: Number.NaN })).toThrow('DynamoDB holds no NaN');
  expect(() => attributeOf(() => 1)).toThrow('DynamoDB holds no function');
  let deep: unknown = 1;
  for (let i = 0; i < 40; i++) deep = [deep];
  expect(() => attributeOf(deep)).toThrow('nested deeper than 32');
});
