import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { FrameHeader } from '../../core/frame/frame.ts';
import { decodeFrame, type EncodedBody, encodeBody, encodeFrame } from '../../core/frame/frame-codec.ts';
import { FrameOrder } from '../../core/task/frame-order.ts';
import { HeldFrames } from '../../core/task/held-frames.ts';
import { NOTHING_SEEN, Progress } from '../../core/task/progress.ts';
import { intersectionOf } from '../../core/task/range-map.ts';
import { MIN_TIMESTAMP } from '../../core/time/timestamp.ts';

const GROUPS = 8;
const all = { first: 0, last: GROUPS - 1 };
const body = encodeBody({ values: ['x'], timestamps: [0], groups: [0] }) as EncodedBody;

type Sending = { readonly header: FrameHeader; readonly bytes: Uint8Array };

/** What a producer sends: each commit is cut by some ranges, in some chunks, and each frame names those before it. */
function sendings(producer: string, cuts: readonly (readonly [number, number])[]): readonly Sending[] {
  const last = new Map<number, { n: number; chunk: number }>();
  return cuts.flatMap(([edge, chunks], n) => {
    const ranges =
      edge === 0
        ? [all]
        : [
            { first: 0, last: edge - 1 },
            { first: edge, last: GROUPS - 1 },
          ];
    let chunk = 0;
    return ranges.flatMap((range) =>
      Array.from({ length: chunks }, (_, i): Sending => {
        const prev = [];
        for (let group = range.first; group <= range.last; group++) {
          const before = last.get(group);
          if (before !== undefined) prev.push({ range: { first: group, last: group }, ...before });
          last.set(group, { n, chunk });
        }
        const header = {
          job: 'j',
          incarnation: 1,
          producer,
          n,
          chunk: chunk++,
          last: i === chunks - 1,
          prev,
          port: 0,
          range,
          watermark: n,
          idle: false,
          barrier: 0,
        };
        return { header, bytes: encodeFrame(header, body) };
      }),
    );
  });
}

const cuts = fc.array(fc.tuple(fc.nat(GROUPS - 1), fc.integer({ min: 1, max: 3 })), { minLength: 1, maxLength: 6 });

describe('frames of several producers that come in any order and more than once', () => {
  test('are applied once for every key group, each in the order of its producer', () => {
    fc.assert(
      fc.property(cuts, cuts, fc.infiniteStream(fc.nat(1_000)), fc.nat(GROUPS - 1), (left, right, random, edge) => {
        const own = { first: edge, last: GROUPS - 1 };
        const known = ['a', 'b'].map((producer) => ({ producer, seen: [{ range: own, value: NOTHING_SEEN }] }));
        const order = new FrameOrder(new Progress(own, known, true), new HeldFrames([]));
        const sent = [...sendings('a', left), ...sendings('b', right)];
        const pick = () => random.next().value;
        const coming = [...sent, ...sent.filter(() => pick() % 3 === 0)].map((each) => ({ each, at: pick() }));
        coming.sort((one, other) => one.at - other.at);
        const applied = new Map<string, string[]>();
        for (const { each } of coming) {
          order.take(decodeFrame(each.bytes), each.bytes, ({ header: { producer, n, chunk } }, _, ranges) => {
            for (const { first, last } of ranges) {
              for (let group = first; group <= last; group++) {
                const of = `${producer} ${group}`;
                applied.set(of, [...(applied.get(of) ?? []), `${n}.${chunk}`]);
              }
            }
            return true;
          });
        }
        for (const producer of ['a', 'b']) {
          for (let group = 0; group < GROUPS; group++) {
            const expected = sent
              .filter(
                ({ header }) =>
                  header.producer === producer && intersectionOf(header.range, { first: group, last: group }),
              )
              .map(({ header: { n, chunk } }) => `${n}.${chunk}`);
            expect(applied.get(`${producer} ${group}`) ?? []).toEqual(group < edge ? [] : expected);
          }
        }
        expect(order.held.all).toEqual([]);
      }),
    );
  });
});

describe('time of a task', () => {
  const producer = (name: string, watermark: number, idle = false) => ({
    producer: name,
    seen: [{ range: all, value: { n: 0, chunk: 0, watermark, idle } }],
  });

  test('is the lowest watermark of those that are not idle', () => {
    expect(new Progress(all, [producer('a', 5), producer('b', 7)], true).timeAfter(1)).toEqual({
      watermark: 5,
      idle: false,
    });
    expect(new Progress(all, [producer('a', 5, true), producer('b', 7)], true).timeAfter(1)).toEqual({
      watermark: 7,
      idle: false,
    });
  });

  test('never goes back, and whoever comes back behind it makes nobody wait', () => {
    expect(new Progress(all, [producer('a', 5), producer('b', 9)], true).timeAfter(8)).toEqual({
      watermark: 9,
      idle: false,
    });
    expect(new Progress(all, [producer('a', 5)], true).timeAfter(8)).toEqual({ watermark: 8, idle: false });
  });

  test('is the highest where all are idle, and then the task is idle', () => {
    expect(new Progress(all, [producer('a', 5, true), producer('b', 7, true)], true).timeAfter(1)).toEqual({
      watermark: 7,
      idle: true,
    });
  });

  test('does not begin while no producer is known', () => {
    expect(new Progress(all, [], true).timeAfter(MIN_TIMESTAMP)).toEqual({ watermark: MIN_TIMESTAMP, idle: false });
  });
});
