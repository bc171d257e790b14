import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  hashKey,
  type Key,
  keyGroupOf,
  MAX_KEY_LENGTH,
  stateKeyOf,
  subtaskOf,
  userKeyOf,
} from '../../core/codec/key.ts';
import { murmur3 } from '../../core/codec/murmur3.ts';
import { PoisonRecordError } from '../../core/error/error.ts';

const number = fc.double({ noNaN: true, noDefaultInfinity: true });
const part = fc.oneof(fc.string({ unit: 'binary' }), number, fc.integer(), fc.bigInt(), fc.boolean());
const key: fc.Arbitrary<Key> = fc.oneof(part, fc.array(part, { maxLength: 4 }));

/** What law 2 makes of a key. */
function canonical(one: Key): Key {
  if (Array.isArray(one)) return one.map((item) => canonical(item) as string);
  if (typeof one === 'bigint') return Number.isSafeInteger(Number(one)) ? Number(one) : one;
  return one === 0 ? 0 : (one as Key);
}

describe('murmur3', () => {
  it('gives the published values', () => {
    const text = (value: string) => murmur3(new TextEncoder().encode(value));
    expect(text('')).toBe(0);
    expect(text('hello')).toBe(0x248bfa47);
    expect(text('hello, world')).toBe(0x149bbb7f);
    expect(text('The quick brown fox jumps over the lazy dog')).toBe(0x2e4ff723);
    expect(murmur3(Uint8Array.of(0xff, 0xff, 0xff, 0xff))).toBe(0x76293b50);
    expect(murmur3(Uint8Array.of(0x21, 0x43, 0x65))).toBe(0x7e4a8634);
  });
});

describe('keys', () => {
  it('come back as they went in', () => {
    fc.assert(
      fc.property(key, (one) => {
        expect(userKeyOf(stateKeyOf(one))).toStrictEqual(canonical(one));
      }),
    );
  });

  it('are one state key exactly if they are equal', () => {
    fc.assert(
      fc.property(key, key, (one, other) => {
        const equal = JSON.stringify(tagged(canonical(one))) === JSON.stringify(tagged(canonical(other)));
        expect(stateKeyOf(one) === stateKeyOf(other)).toBe(equal);
      }),
    );
  });

  it('keep 1, "1", true and [1] apart', () => {
    expect(new Set([1, '1', true, [1], ['1'], [[1].toString()].toString()].map(stateKeyOf)).size).toBe(5);
  });

  it('take a small bigint for the number of its value, and -0 for 0', () => {
    expect(stateKeyOf(5n)).toBe(stateKeyOf(5));
    expect(Object.is(stateKeyOf(-0), 0)).toBe(true);
    expect(stateKeyOf([-0, 7n])).toBe(stateKeyOf([0, 7]));
  });

  it('are refused when they are missing, objects or NaN', () => {
    for (const bad of [null, undefined, {}, Number.NaN, [null], [[1]], [Number.NaN], Symbol('s')]) {
      expect(() => stateKeyOf(bad)).toThrow(PoisonRecordError);
    }
  });

  it('are refused when they are a megabyte long', () => {
    expect(() => stateKeyOf('x'.repeat(1_000_000))).toThrow(`longer than ${MAX_KEY_LENGTH}`);
    expect(() => stateKeyOf(['x'.repeat(1_000_000)])).toThrow(`longer than ${MAX_KEY_LENGTH}`);
  });

  it('have the same hash for ever', () => {
    expect(VECTORS.map(([one]) => [one, hashKey(stateKeyOf(one))])).toEqual(VECTORS);
  });

  it('are spread evenly over key groups, and groups over subtasks', () => {
    const groups = new Array<number>(16).fill(0);
    for (let i = 0; i < 16_000; i++)
      groups[keyGroupOf(`user-${i}`, 16)] = (groups[keyGroupOf(`user-${i}`, 16)] ?? 0) + 1;
    expect(Math.min(...groups)).toBeGreaterThan(850);
    const subtasks = Array.from({ length: 1024 }, (_, group) => subtaskOf(group, 3, 1024));
    expect([0, 1, 2].map((index) => subtasks.filter((subtask) => subtask === index).length)).toEqual([342, 341, 341]);
    expect(subtasks).toEqual([...subtasks].sort((a, b) => a - b));
  });
});

function tagged(one: Key): unknown {
  return Array.isArray(one) ? one.map(tagged) : [typeof one, String(one)];
}

const VECTORS: [Key, number][] = [
  ['', 476944147],
  ['a', 2561431250],
  ['/home', 468516034],
  ['naïve €', 3826981017],
  [0, 3468965017],
  [1, 502674759],
  [-1, 60261066],
  [1.5, 1333603257],
  [1e300, 3897421543],
  [true, 712661126],
  [false, 899251846],
  [12345678901234567890n, 1488076174],
  [['a', 1], 2104726538],
  [[1, 'a'], 3154236165],
  [[], 4228055736],
  [['a', 'b', true, 9007199254740993n], 2656078511],
];
