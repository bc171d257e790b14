import fc from 'fast-check';
import { expect, test } from 'vitest';
import { encodeJson } from '../../core/connector/json.ts';
import { pollutionOf } from '../../core/connector/pollution.ts';

test.each([
  [12n, '12'],
  [2n ** 60n, '"1152921504606846976"'],
  [new Date(0), '"1970-01-01T00:00:00.000Z"'],
  [new Map([['a', 1n]]), '[["a",1]]'],
  [new Set([1, 2]), '[1,2]'],
  [{ a: { b: [1n, new Set([new Map([[1, 2]])])] } }, '{"a":{"b":[1,[[[1,2]]]]}}'],
  [{ a: undefined, b: [undefined], c: Number.NaN, d: Number.POSITIVE_INFINITY }, '{"b":[null],"c":null,"d":null}'],
  [new Uint8Array([1, 2, 255]), '"AQL/"'],
  [new Float64Array([1.5]), '[1.5]'],
  [undefined, 'null'],
])('%o is written as %s', (value, text) => {
  expect(encodeJson(value)).toBe(text);
});

test('what JSON holds is written as JSON.stringify does', () => {
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      expect(encodeJson(value)).toBe(JSON.stringify(value));
    }),
  );
});

test('a value that contains itself is refused, and a deep one is not', () => {
  const circle: { self?: unknown } = {};
  circle.self = circle;
  expect(() => encodeJson(circle)).toThrow(TypeError);
  let deep: unknown = 1n;
  for (let depth = 0; depth < 200; depth++) deep = [deep];
  expect(encodeJson(deep)).toBe(`${'['.repeat(200)}1${']'.repeat(200)}`);
});

test('pollution is found at any depth without overflowing the stack', () => {
  const deep = JSON.parse(`${'{"a":'.repeat(100_000)}{"__proto__":1}${'}'.repeat(100_000)}`);
  expect(pollutionOf(deep)).toMatch(/__proto__/);
});
