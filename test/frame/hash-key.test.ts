import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { hashKeyOf, keyGroupsOf } from '../../core/frame/hash-key.ts';
import { HASH_SPACE } from '../../core/port/frame-log.ts';

const groupCount = fc.integer({ min: 0, max: 15 }).map((power) => 2 ** power);
const cuts = fc.uniqueArray(fc.bigInt({ min: 1n, max: HASH_SPACE - 1n }), { maxLength: 20 });

describe('key groups in the hash space', () => {
  it('belong to the one shard that holds their point, however the space is cut', () => {
    fc.assert(
      fc.property(groupCount, cuts, (count, points) => {
        const starts = [0n, ...points.sort((a, b) => (a < b ? -1 : 1))];
        const shards = starts.map((first, i) => ({ first, last: (starts[i + 1] ?? HASH_SPACE) - 1n }));
        for (const shard of shards) {
          const groups = keyGroupsOf(shard, count);
          const inside = [...Array(count).keys()].filter((group) => {
            const point = hashKeyOf(group, count);
            return shard.first <= point && point <= shard.last;
          });
          expect(groups).toEqual(inside.length === 0 ? undefined : { first: inside[0], last: inside.at(-1) });
        }
      }),
      { numRuns: 50 },
    );
  });

  it('are all in the only shard of a new stream', () => {
    expect(keyGroupsOf({ first: 0n, last: HASH_SPACE - 1n }, 1024)).toEqual({ first: 0, last: 1023 });
  });
});
