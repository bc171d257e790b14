import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CorruptBytesError } from '../../../core/codec/byte-reader.ts';
import { Block, BlockWriter, type Entry } from '../../../core/state/block/block.ts';
import { DeltaReader, DeltaWriter, MAX_DELTA_BYTES } from '../../../core/state/block/delta.ts';
import { afterAll, entryKey, groupOf, partsOf, rangeKey } from '../../../core/state/block/entry-key.ts';
import { filterOf, mayHold } from '../../../core/state/block/filter.ts';
import { seal, unseal } from '../../../core/state/block/seal.ts';

const key = fc.oneof(fc.string({ unit: 'binary' }), fc.double({ noNaN: true }), fc.boolean());
const order = fc.option(
  fc.oneof(fc.integer(), fc.double({ noNaN: true })).map((each) => (each === 0 ? 0 : each)),
  { nil: undefined },
);
const rest = fc.option(fc.oneof(fc.string(), fc.integer()), { nil: undefined });
const parts = fc.record({ order, group: fc.nat(65_535), key, rest });
const bytes = fc.uint8Array({ maxLength: 24 });

describe('the key of an entry', () => {
  it('gives its parts back, lone surrogates, negative zero and all', () => {
    fc.assert(
      fc.property(fc.nat(0xffff_ffff), parts, (space, each) => {
        const { bytes: written, group } = entryKey(space, each);
        expect(partsOf(written)).toEqual(each);
        expect([group, groupOf(written)]).toEqual([each.group, each.group]);
      }),
    );
  });

  it('lies by space, then by number, then by key group', () => {
    fc.assert(
      fc.property(fc.array(parts, { minLength: 2, maxLength: 2 }), ([left, right]) => {
        if (left === undefined || right === undefined) return;
        const difference = Buffer.compare(entryKey(7, left).bytes, entryKey(7, right).bytes);
        const [low, high] = [left.order ?? Number.NEGATIVE_INFINITY, right.order ?? Number.NEGATIVE_INFINITY];
        if (low !== high) expect(difference).toBe(low < high ? -1 : 1);
        else if (left.group !== right.group) expect(difference).toBe(left.group < right.group ? -1 : 1);
      }),
    );
  });

  it('lies within the range of its space and number, and no other number does', () => {
    fc.assert(
      fc.property(fc.nat(0xffff_ffff), parts, fc.integer(), (space, each, number) => {
        const [from, to] = [rangeKey(space, number), afterAll(rangeKey(space, number))];
        const { bytes: written } = entryKey(space, each);
        const isWithin = Buffer.compare(from, written) <= 0 && Buffer.compare(written, to) < 0;
        expect(isWithin).toBe(each.order === number);
      }),
    );
  });
});

describe('a block', () => {
  const entries = fc
    .uniqueArray(fc.record({ key: bytes, sequence: fc.nat(), value: fc.option(bytes, { nil: undefined }) }), {
      selector: (each) => each.key.toString(),
      maxLength: 20,
    })
    .map((each) => each.toSorted((left, right) => Buffer.compare(left.key, right.key)));

  it('finds each of its entries, and for any other key the next', () => {
    fc.assert(
      fc.property(entries, bytes, (written, other) => {
        const block = blockOf(written);
        for (const each of written) expect(block.find(each.key)).toEqual(each);
        expect(block.lowerBound(other)).toBe(written.filter((each) => Buffer.compare(each.key, other) < 0).length);
        if (!written.some((each) => Buffer.compare(each.key, other) === 0)) expect(block.find(other)).toBeUndefined();
      }),
    );
  });

  it('that is damaged in one bit or cut short is refused when it is opened', () => {
    fc.assert(
      fc.property(entries, fc.nat(), fc.nat(), (written, place, cut) => {
        const sealed = seal(rawOf(written));
        expect(unseal(sealed, 'it')).toStrictEqual(rawOf(written));
        const damaged = sealed.slice();
        damaged[(place >> 3) % sealed.length] = (damaged[(place >> 3) % sealed.length] as number) ^ (1 << (place & 7));
        expect(() => unseal(damaged, 'it')).toThrow(CorruptBytesError);
        expect(() => unseal(sealed.subarray(0, cut % sealed.length), 'it')).toThrow(CorruptBytesError);
      }),
    );
  });

  it('of bytes that nobody wrote gives entries or an error, and no more memory than they take', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 80 }), bytes, (raw, wanted) => {
        onlyCorrupt(() => {
          const block = new Block(raw);
          block.find(wanted);
          for (let place = 0; place < Math.min(block.count, 20); place++) block.at(place);
        });
      }),
      { numRuns: 2_000 },
    );
  });
});

describe('a delta', () => {
  it('of bytes that nobody wrote ends with an error', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 80 }), (raw) => {
        onlyCorrupt(() => {
          const from = new DeltaReader(raw);
          from.next();
          from.value(from.parts.varint());
        });
      }),
      { numRuns: 2_000 },
    );
  });

  it('that claims more than the limit is refused before it is inflated', () => {
    const out = new DeltaWriter();
    out.begin({ kind: 'list', uid: 'u', name: 'n' });
    out.value(1, new Uint8Array(10_000));
    const { delta } = out.finish();
    expect(delta.length).toBeLessThan(200);
    const claimed = Uint8Array.of(2, ...varint(MAX_DELTA_BYTES + 1), ...delta.subarray(3));
    expect(() => new DeltaReader(claimed)).toThrow('claims');
    const short = Uint8Array.of(2, ...varint(100), ...delta.subarray(3));
    expect(() => new DeltaReader(short)).toThrow(CorruptBytesError);
  });
});

describe('a filter', () => {
  it('passes all its keys, and of others about one in a hundred', () => {
    const hashes = Array.from({ length: 1_000 }, (_, place) => Math.imul(place + 1, 0x9e3779b1) >>> 0);
    const filter = filterOf(hashes);
    expect(hashes.every((hash) => mayHold(filter, hash))).toBe(true);
    const others = Array.from({ length: 20_000 }, (_, place) => Math.imul(place + 1_000_000, 0x85ebca6b) >>> 0);
    const passed = others.filter((hash) => mayHold(filter, hash)).length;
    expect(passed).toBeGreaterThan(20);
    expect(passed).toBeLessThan(500);
  });
});

function rawOf(entries: readonly Entry[]): Uint8Array {
  const writer = new BlockWriter();
  for (const each of entries) writer.add(each);
  return writer.finish();
}

function blockOf(entries: readonly Entry[]): Block {
  return new Block(rawOf(entries));
}

function varint(value: number): readonly number[] {
  return value < 0x80 ? [value] : [(value % 0x80) | 0x80, ...varint(Math.floor(value / 0x80))];
}

function onlyCorrupt(run: () => void): void {
  try {
    run();
  } catch (error) {
    expect(error).toBeInstanceOf(CorruptBytesError);
  }
}
