import fc from 'fast-check';
import { expect, test } from 'vitest';
import { CorruptBytesError } from '../../core/codec/byte-reader.ts';
import type { CommitRow } from '../../core/task/commit-row.ts';
import { batchOf } from '../../core/task/outbox.ts';
import { decodePayload, decodeRow, encodePayload, encodeRow } from '../../core/task/row-codec.ts';
import { MAX_TIMESTAMP, MIN_TIMESTAMP } from '../../core/time/timestamp.ts';

const natural = fc.nat({ max: 2 ** 40 });
const time = fc.oneof(fc.integer({ min: -1e12, max: 2e12 }), fc.constantFrom(MIN_TIMESTAMP, MAX_TIMESTAMP, 0, -1));
const range = fc.tuple(fc.nat(1023), fc.nat(1023)).map(([a, b]) => ({ first: Math.min(a, b), last: Math.max(a, b) }));
const bytes = fc.uint8Array({ maxLength: 50 });
const pieces = <T>(value: fc.Arbitrary<T>) => fc.array(fc.record({ range, value }), { maxLength: 3 });

const seen = fc.record({
  n: fc.integer({ min: -2, max: 1e9 }),
  chunk: fc.integer({ min: -1, max: 1e6 }),
  watermark: time,
  idle: fc.boolean(),
});
const lastFrame = fc.record({ n: natural, chunk: natural, watermark: time, idle: fc.boolean(), at: time });

const head = fc.record({
  kind: fc.constantFrom('commit', 'tick', 'attempt', 'seal'),
  n: natural,
  range,
  position: fc.oneof(fc.record({ sequence: fc.string(), records: natural }), fc.record({ records: natural })),
  progress: fc.array(fc.record({ producer: fc.string(), seen: pieces(seen) }), { maxLength: 3 }),
  watermark: time,
  idle: fc.boolean(),
  nodeTimes: fc.array(fc.record({ place: fc.nat(100), watermark: time, idle: fc.boolean() }), { maxLength: 3 }),
  sent: fc.array(fc.record({ stage: fc.string(), frames: pieces(lastFrame) }), { maxLength: 3 }),
  publishedUpTo: fc.integer({ min: -1, max: 1e9 }),
  barrier: natural,
  base: fc.record({ n: natural, pointer: bytes }),
  activeAt: time,
});
const optional = fc.record(
  { wakeAt: time, trying: fc.record({ limit: natural, attempt: natural }) },
  { requiredKeys: [] },
);
const batch = fc.tuple(
  fc.string(),
  fc.array(fc.record({ value: fc.jsonValue(), timestamp: time }), { minLength: 1, maxLength: 3 }),
);
const payload = fc
  .record({
    delta: bytes,
    frames: fc.array(fc.record({ stage: fc.string(), range, bytes }), { maxLength: 3 }),
    batches: fc.array(batch, { maxLength: 2 }),
    held: fc.option(fc.array(fc.record({ ranges: fc.array(range, { maxLength: 2 }), bytes }), { maxLength: 2 }), {
      nil: undefined,
    }),
  })
  .map(({ delta, frames, batches, held }) => ({
    delta,
    outbox: { frames, batches: batches.flatMap(([sink, records]) => batchOf(sink, records, () => {}) ?? []) },
    ...(held !== undefined && { held }),
  }));
const row: fc.Arbitrary<CommitRow> = fc
  .tuple(head, optional, payload)
  .map(([fields, more, content]) => ({ ...fields, ...more, payload: content }) as CommitRow);

/** Views of a buffer and buffers of their own are equal bytes. */
const plain = (value: unknown): unknown =>
  JSON.parse(
    JSON.stringify(value, (_, part) => (part instanceof Uint8Array ? [...part] : Object.is(part, -0) ? 0 : part)),
  );

test('a row is read as it was written, its payload in it or in an object', () => {
  fc.assert(
    fc.property(row, (written) => {
      const encoded = encodePayload(written.payload);
      const inside = decodeRow(written.n, encodeRow(written, encoded));
      const { payload: content, ...fields } = written;
      expect(plain(inside.head)).toEqual(plain(fields));
      expect('bytes' in inside.payload && plain(decodePayload(inside.payload.bytes, inside.payload.parts))).toEqual(
        plain(content),
      );
      const place = { kind: 'object', name: 'payloads/x', parts: encoded.parts } as const;
      expect(decodeRow(written.n, encodeRow(written, place)).payload).toEqual(place);
    }),
  );
});

test('bytes that nobody wrote end with an error that says so', () => {
  fc.assert(
    fc.property(row, fc.nat(), fc.integer({ min: 1, max: 255 }), fc.nat(), (written, place, change, cut) => {
      const body = encodeRow(written, encodePayload(written.payload));
      const broken = body.slice(0, cut % 2 === 0 ? body.length : cut % body.length);
      if (broken.length > 0) broken[place % broken.length] = (broken[place % broken.length] as number) ^ change;
      try {
        const { payload: content } = decodeRow(written.n, broken);
        if ('bytes' in content) decodePayload(content.bytes, content.parts);
      } catch (error) {
        expect(error).toBeInstanceOf(CorruptBytesError);
      }
    }),
    { numRuns: 500 },
  );
});

test('a row of a warm step with one producer is small', () => {
  const small: CommitRow = {
    kind: 'commit',
    n: 1_000,
    range: { first: 0, last: 1023 },
    position: { sequence: '49590338271490256608559692538361571095921575989136588898', records: 0 },
    progress: [
      {
        producer: 'clicks/shardId-000000000000',
        seen: [{ range: { first: 0, last: 1023 }, value: { n: 1_000, chunk: 0, watermark: 1.7e12, idle: false } }],
      },
    ],
    watermark: 1.7e12,
    idle: false,
    nodeTimes: [],
    sent: [],
    publishedUpTo: 999,
    barrier: 0,
    base: { n: 960, pointer: new Uint8Array() },
    activeAt: 1.7e12,
    payload: { delta: new Uint8Array(), outbox: { frames: [], batches: [] } },
  };
  expect(encodeRow(small, encodePayload(small.payload)).length).toBeLessThan(160);
});
