import { deepStrictEqual } from 'node:assert';
import { zstdCompressSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { PoisonRecordError } from '../../core/error/error.ts';
import { cutRecords } from '../../core/frame/cut-records.ts';
import { type FrameHeader, type FrameRecords, MAX_BODY_BYTES, MAX_FRAME_BYTES } from '../../core/frame/frame.ts';
import { decodeFrame, type EncodedBody, encodeBody, encodeFrame, isFrame } from '../../core/frame/frame-codec.ts';
import { MAX_TIMESTAMP, MIN_TIMESTAMP, NO_TIMESTAMP } from '../../core/time/timestamp.ts';
import { recordValues } from './plain-value.ts';

const HEADER: FrameHeader = {
  job: 'clicks',
  incarnation: 1,
  producer: 'humans/shardId-000000000000',
  n: 7,
  chunk: 0,
  last: true,
  prev: [],
  port: 0,
  range: { first: 0, last: 1023 },
  watermark: 1_700_000_000_000,
  idle: false,
  barrier: 0,
};

function recordsOf(values: readonly unknown[]): FrameRecords {
  return {
    values,
    timestamps: values.map((_, i) => (i % 5 === 0 ? NO_TIMESTAMP : 1_700_000_000_000 + i * 37)),
    groups: values.map((_, i) => (i * 31) % 1024),
  };
}

function bodyOf(records: FrameRecords): EncodedBody {
  const body = encodeBody(records);
  if (body.kind === 'too-large') throw new Error('too large');
  return body;
}

const frameOf = (values: readonly unknown[]) => encodeFrame(HEADER, bodyOf(recordsOf(values)));

const natural = fc.nat({ max: Number.MAX_SAFE_INTEGER });
const range = fc
  .tuple(fc.nat({ max: 32_767 }), fc.nat({ max: 1000 }))
  .map(([first, more]) => ({ first, last: first + more }));
const header: fc.Arbitrary<FrameHeader> = fc.record(
  {
    job: fc.string({ unit: 'grapheme' }),
    incarnation: natural,
    producer: fc.string({ unit: 'grapheme' }),
    n: natural,
    chunk: natural,
    last: fc.boolean(),
    prev: fc.array(fc.record({ range, n: natural, chunk: natural }, { noNullPrototype: true })),
    port: natural,
    range,
    watermark: fc.oneof(fc.maxSafeInteger(), fc.constantFrom(MIN_TIMESTAMP, MAX_TIMESTAMP)),
    idle: fc.boolean(),
    barrier: natural,
    end: fc.record({ successors: fc.array(fc.string({ unit: 'grapheme' })) }, { noNullPrototype: true }),
  },
  {
    requiredKeys: [
      'job',
      'incarnation',
      'producer',
      'n',
      'chunk',
      'last',
      'prev',
      'port',
      'range',
      'watermark',
      'idle',
      'barrier',
    ],
    noNullPrototype: true,
  },
);

describe('a frame', () => {
  it('gives back every header', () => {
    fc.assert(
      fc.property(header, (original) => {
        expect(decodeFrame(encodeFrame(original, bodyOf(recordsOf([])))).header).toStrictEqual(original);
      }),
    );
  });

  it('gives back all plain values, their times and their key groups', () => {
    fc.assert(
      fc.property(recordValues, (values) => {
        const frame = decodeFrame(frameOf(values));
        expect(frame.count).toBe(values.length);
        // Not expect: its equality looks at a field called constructor.
        deepStrictEqual(frame.records(), recordsOf(values));
      }),
      { numRuns: 500 },
    );
  });

  it('gives back records of more shapes than columns are made for, and of deep nesting', () => {
    const shapes = Array.from({ length: 200 }, (_, i) => ({ [`field${i}`]: i, both: [i] }));
    let deep: unknown = 'bottom';
    for (let i = 0; i < 100; i++) deep = { deep };
    const wide = Object.fromEntries(Array.from({ length: 3000 }, (_, i) => [`c${i}`, i]));
    expect(decodeFrame(frameOf([...shapes, deep, wide, wide])).records().values).toStrictEqual([
      ...shapes,
      deep,
      wide,
      wide,
    ]);
  });

  it('keeps a field called __proto__ a field, in few records and in many', () => {
    for (const count of [1, 100]) {
      const values = Array.from({ length: count }, () => JSON.parse('{"__proto__": {"admin": true}}') as object);
      for (const copy of decodeFrame(frameOf(values)).records().values as object[]) {
        expect(Object.keys(copy)).toEqual(['__proto__']);
        expect(Object.getPrototypeOf(copy)).toBe(Object.prototype);
      }
    }
  });

  it('names the field that is no plain data', () => {
    class Visit {}
    expect(() => frameOf([{ visits: [new Visit()] }])).toThrow('field visits.[]: the value is an instance of Visit');
    expect(() => frameOf([{ f: 1 }, { f: () => 1 }])).toThrow('field f: the value is a function');
  });

  it('writes what records share once', () => {
    const values = Array.from({ length: 1000 }, (_, i) => ({ aVeryLongFieldName: i % 3, page: `/page/${i % 10}` }));
    expect(
      encodeFrame(HEADER, bodyOf({ values, timestamps: values.map(() => 5), groups: values.map(() => 9) })).length,
    ).toBeLessThan(400);
  });

  it('begins as no other container does', () => {
    expect(isFrame(frameOf([]))).toBe(true);
    expect(isFrame(Buffer.from('{"page":"/home"}'))).toBe(false);
    expect(isFrame(Uint8Array.of(0xf3, 0x89, 0x9a, 0xc2, 0, 0, 0, 0))).toBe(false);
    expect(isFrame(new Uint8Array())).toBe(false);
  });
});

describe('a damaged frame', () => {
  it('is poison at every cut, and its header counts as long as it is whole', () => {
    const frame = frameOf([{ page: '/home' }, { page: '/about' }]);
    for (let length = 0; length < frame.length; length++) {
      expect(() => decodeFrame(frame.subarray(0, length)).records()).toThrow(PoisonRecordError);
    }
    expect(decodeFrame(frame.subarray(0, frame.length - 1)).header).toStrictEqual(HEADER);
  });

  it('is found by its checksums wherever one bit is wrong', () => {
    const frame = frameOf([{ page: '/home' }]);
    for (let bit = 0; bit < frame.length * 8; bit++) {
      const copy = frame.slice();
      copy[bit >> 3] = (copy[bit >> 3] as number) ^ (1 << (bit & 7));
      expect(() => decodeFrame(copy).records()).toThrow(PoisonRecordError);
    }
  });

  it('is poison with a header that counts where only the body is damaged', () => {
    const frame = frameOf([{ page: '/home' }]);
    frame[frame.length - 1] = (frame[frame.length - 1] as number) ^ 0xff;
    const view = decodeFrame(frame);
    expect(view.header).toStrictEqual(HEADER);
    expect(view.count).toBe(1);
    expect(() => view.records()).toThrow('the body of frame (humans/shardId-000000000000, 7, 0) cannot be read');
  });

  it('of a newer format says what to do', () => {
    const frame = frameOf([]);
    frame[3] = 2;
    expect(() => decodeFrame(frame)).toThrow('deploy the newer one');
  });

  it('ends decoding whatever its bytes are', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
        expect(() => decodeFrame(bytes).records()).toThrow(PoisonRecordError);
      }),
    );
  });

  it('ends decoding whatever its body is, with records or as poison', () => {
    const columnBytes = fc.array(fc.oneof(fc.integer({ min: 0, max: 12 }), fc.integer({ min: 0, max: 255 })), {
      maxLength: 200,
    });
    fc.assert(
      fc.property(columnBytes, fc.integer({ min: 0, max: 70_000 }), (bytes, count) => {
        const forged = forge(Uint8Array.from(bytes), count);
        try {
          expect(forged.records().values.length).toBe(count);
        } catch (error) {
          expect(error).toBeInstanceOf(PoisonRecordError);
        }
      }),
      { numRuns: 3000 },
    );
  });

  it('ends decoding when bytes of a true body are wrong, with records or as poison', () => {
    fc.assert(
      fc.property(recordValues, fc.nat(), fc.nat({ max: 255 }), (values, place, byte) => {
        const body = bodyOf(recordsOf(values));
        if (body.form !== 0 || body.bytes.length === 0) return;
        const bytes = body.bytes.slice();
        bytes[place % bytes.length] = byte;
        try {
          expect(forge(bytes, body.count).records().values.length).toBe(body.count);
        } catch (error) {
          expect(error).toBeInstanceOf(PoisonRecordError);
        }
      }),
      { numRuns: 1000 },
    );
  });
});

/** A frame with checksums that are right, around a body that nobody wrote. */
function forge(bytes: Uint8Array, count: number, more: Partial<EncodedBody> = {}) {
  return decodeFrame(encodeFrame(HEADER, { kind: 'body', count, form: 0, rawLength: bytes.length, bytes, ...more }));
}

describe('a frame that claims more than its limit', () => {
  it('is poison by its claim, and its header counts', () => {
    const view = forge(new Uint8Array(10), 1, { rawLength: MAX_BODY_BYTES + 1 });
    expect(view.header).toStrictEqual(HEADER);
    expect(() => view.records()).toThrow(`it claims ${MAX_BODY_BYTES + 1} bytes`);
    expect(() => forge(new Uint8Array(10), 70_000).records()).toThrow('it claims 70000 records');
  });

  it('is not decompressed beyond what it claims', () => {
    const bomb = zstdCompressSync(Buffer.alloc(50_000_000));
    expect(bomb.length).toBeLessThan(5000);
    expect(() => forge(bomb, 1, { form: 1, rawLength: 1000 }).records()).toThrow(PoisonRecordError);
  });

  it('does not become more values than allowed by repeating one', () => {
    const columns = 100;
    const constant = [0, 4, 1];
    const names = Array.from({ length: columns }, (_, i) => [97 + Math.floor(i / 26), 97 + (i % 26)]).flat();
    const lengths = [1, ...names.filter((_, i) => i % 2 === 0).map(() => 2)];
    const bytes = Uint8Array.from([
      ...constant,
      ...constant,
      6,
      columns,
      0,
      ...lengths,
      200,
      1,
      ...names,
      ...Array.from({ length: columns }, () => constant).flat(),
    ]);
    expect(forge(bytes, 10_000).records().values[9_999]).toHaveProperty('aa', 1);
    expect(() => forge(bytes, 60_000).records()).toThrow('more values than a frame may hold');
  });
});

describe('cutting records', () => {
  const noise = (length: number, seed: number) => {
    let state = seed;
    return Uint8Array.from({ length }, () => {
      state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
      return state >>> 24;
    });
  };

  it('makes as many bodies as are needed, each fit for a frame, with the records in order', () => {
    const values = Array.from({ length: 300 }, (_, i) => ({ i, bytes: noise(20_000, i + 1) }));
    const { bodies, refused } = cutRecords(recordsOf(values));
    expect(refused).toEqual([]);
    expect(bodies.length).toBeLessThan(12);
    const frames = bodies.map((body) => encodeFrame(HEADER, body));
    for (const frame of frames) expect(frame.length).toBeLessThanOrEqual(MAX_FRAME_BYTES);
    expect(frames.flatMap((frame) => decodeFrame(frame).records().values)).toStrictEqual(values);
  });

  it('makes one body of more records than a frame may have none', () => {
    const values = Array.from({ length: 70_000 }, (_, i) => i);
    const { bodies } = cutRecords(recordsOf(values));
    expect(bodies.map((body) => body.count)).toEqual([35_000, 35_000]);
  });

  it('refuses a record that no frame holds, and one that is no plain data, and keeps the others', () => {
    const values = [{ a: 1 }, noise(1_200_000, 9), { a: 2 }, { a: Symbol('s') }, { a: 3 }];
    const { bodies, refused } = cutRecords(recordsOf(values));
    expect(refused).toEqual([
      { index: 1, reason: 'it is larger than a frame, which holds 1 MiB compressed' },
      {
        index: 3,
        reason:
          'field a: the value is a symbol, which is no plain data; give the state a serializer, or keep plain objects',
      },
    ]);
    const kept = bodies.flatMap((body) => decodeFrame(encodeFrame(HEADER, body)).records().values);
    expect(kept).toEqual([{ a: 1 }, { a: 2 }, { a: 3 }]);
  });

  it('of no records gives no body', () => {
    expect(cutRecords(recordsOf([]))).toEqual({ bodies: [], refused: [] });
  });
});
