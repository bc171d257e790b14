import { cutRecords } from '../frame/cut-records.ts';
import type { FrameRecords } from '../frame/frame.ts';
import { type EncodedBody, encodeBody, encodeFrame } from '../frame/frame-codec.ts';
import type { KeyGroupRange } from '../frame/key-group-range.ts';
import { MAX_TIMESTAMP, MIN_TIMESTAMP, type Timestamp } from '../time/timestamp.ts';
import type { Exit } from './exit.ts';
import type { OutgoingFrame } from './outbox.ts';
import type { FrameNumber } from './progress.ts';
import { intersectionOf, piecesIn, type RangeMap } from './range-map.ts';
import { type LastFrame, linksTo, type Sent, withFrame } from './sent.ts';

/**
 * Cuts what a step sends to one stage into frames, when its row is written and never again (P6).
 *
 * 1. The frames of a commit to a stage are numbered 0, 1 …, over all ports and ranges. For every key group they rise, and
 *    each names the one before it there.
 * 2. The last frame to each range says so, and carries the time.
 * 3. Records for every task travel in frames for all key groups, before the others.
 * 4. A range without records gets a frame if what it was told of time no longer holds, and the last one is not too fresh.
 */
export type CutOptions = {
  readonly stage: string;
  readonly exits: readonly Exit[];
  /** The ranges of the stage's open shards, as far as is known; together they are all key groups. */
  readonly ranges: readonly KeyGroupRange[];
  readonly maxParallelism: number;
  readonly header: {
    readonly job: string;
    readonly incarnation: number;
    readonly producer: string;
    readonly n: number;
  };
  readonly barrier: number;
  readonly sent: RangeMap<LastFrame>;
  readonly now: Timestamp;
  /** At most one frame without records in so long. */
  readonly quietMs: number;
  /** Records of a frame at most. */
  readonly frameRecords: number;
  /** A record that no frame can carry. */
  readonly refused: (port: number, value: unknown, timestamp: Timestamp, reason: string) => void;
};

export type Cut = {
  readonly frames: readonly OutgoingFrame[];
  readonly sent: Sent;
  /** When a range is to be told of time that was not told it now; absent: none is. */
  readonly owedAt?: Timestamp;
};

type Time = { readonly watermark: Timestamp; readonly idle: boolean };
type ToldTime = Time & { readonly at: Timestamp };

/** A frame that has no header yet. */
type Draft = { readonly port: number; readonly range: KeyGroupRange; readonly body: EncodedBody };

const NO_RECORDS = encodeBody({ values: [], timestamps: [], groups: [] }) as EncodedBody;

export function cutFrames(options: CutOptions): Cut {
  const time = timeOf(options.exits);
  const drafts = draftsOf(options);
  const quiet = quietRanges(options, drafts, time);
  drafts.push(...quiet.due.map((range) => ({ port: 0, range, body: NO_RECORDS })));
  let { sent } = options;
  const frames = drafts.map(({ port, range, body }, chunk): OutgoingFrame => {
    const last = !drafts.some((later, place) => place > chunk && overlaps(later.range, range));
    const header = { ...options.header, chunk, last, prev: linksTo(sent, range), port, range, ...time };
    const told = last ? { ...time, at: options.now } : undefined;
    sent = withSent(sent, range, { n: options.header.n, chunk }, told);
    return { stage: options.stage, range, bytes: encodeFrame({ ...header, barrier: options.barrier }, body) };
  });
  return {
    frames,
    sent: { stage: options.stage, frames: sent },
    ...(quiet.owedAt !== undefined && { owedAt: quiet.owedAt }),
  };
}

/** What all edges to the stage agree on: the lowest watermark of those that are not idle. */
function timeOf(exits: readonly Exit[]): Time {
  const active = exits.filter(({ time }) => !time.idle);
  const counted = active.length > 0 ? active : exits;
  const watermark = counted.reduce((lowest, { time }) => Math.min(lowest, time.watermark), MAX_TIMESTAMP);
  return { watermark, idle: active.length === 0 };
}

function draftsOf({ exits, ranges, maxParallelism, frameRecords, refused }: CutOptions): Draft[] {
  const all = [{ first: 0, last: maxParallelism - 1 }];
  const ordered = [
    ...exits.filter(({ isBroadcast }) => isBroadcast),
    ...exits.filter(({ isBroadcast }) => !isBroadcast),
  ];
  return ordered.flatMap((exit) => {
    const { port } = exit;
    const parts = partsOf(exit.take(), exit.isBroadcast ? all : ranges);
    return parts
      .flatMap((part) => slicesOf(part, frameRecords))
      .flatMap(({ range, records }) => {
        const cut = cutRecords(records);
        for (const { index, reason } of cut.refused) {
          refused(port, records.values[index], records.timestamps[index] as Timestamp, reason);
        }
        return cut.bodies.map((body) => ({ port, range, body }));
      });
  });
}

type Part = { readonly range: KeyGroupRange; readonly records: FrameRecords };

/** Records by the range that holds their key group, in their order. */
function partsOf(records: FrameRecords, ranges: readonly KeyGroupRange[]): readonly Part[] {
  const [only] = ranges;
  if (ranges.length === 1 && only !== undefined) return [{ range: only, records }];
  const parts = ranges.map((range) => ({
    range,
    values: [] as unknown[],
    timestamps: [] as Timestamp[],
    groups: [] as number[],
  }));
  const place = new Map<number, number>();
  ranges.forEach(({ first, last }, part) => {
    for (let group = first; group <= last; group++) place.set(group, part);
  });
  records.groups.forEach((group, i) => {
    const part = parts[place.get(group) ?? 0];
    part?.values.push(records.values[i]);
    part?.timestamps.push(records.timestamps[i] as Timestamp);
    part?.groups.push(group);
  });
  return parts.map(({ range, ...rest }) => ({ range, records: rest }));
}

function slicesOf({ range, records }: Part, size: number): readonly Part[] {
  const count = records.values.length;
  if (count <= size) return [{ range, records }];
  return Array.from({ length: Math.ceil(count / size) }, (_, i) => {
    const [from, to] = [i * size, (i + 1) * size];
    const { values, timestamps, groups } = records;
    const slice = {
      values: values.slice(from, to),
      timestamps: timestamps.slice(from, to),
      groups: groups.slice(from, to),
    };
    return { range, records: slice };
  });
}

/** Ranges without a frame of their own to which the time is news: those that are told now, and when the others are. */
function quietRanges(
  { ranges, sent, now, quietMs }: CutOptions,
  drafts: readonly Draft[],
  time: Time,
): { readonly due: readonly KeyGroupRange[]; readonly owedAt?: Timestamp } {
  const due: KeyGroupRange[] = [];
  let owedAt: Timestamp | undefined;
  for (const range of ranges) {
    if (drafts.some((draft) => draft.range === range) || knows(sent, range, time)) continue;
    // Another instance's clock may be ahead of this one.
    const next = piecesIn(sent, range).reduce(
      (latest, { value: { at } }) => Math.max(latest, Math.min(at, now) + quietMs),
      now,
    );
    if (next <= now) due.push(range);
    else owedAt = Math.min(owedAt ?? next, next);
  }
  return { due, ...(owedAt !== undefined && { owedAt }) };
}

/** Nothing was ever sent to a range that no piece covers: it knows that time has not begun. */
function knows(sent: RangeMap<LastFrame>, range: KeyGroupRange, { watermark, idle }: Time): boolean {
  const told = piecesIn(sent, range);
  const covered = told.reduce((sum, piece) => sum + piece.range.last - piece.range.first + 1, 0);
  if (covered <= range.last - range.first && (watermark !== MIN_TIMESTAMP || idle)) return false;
  return told.every(({ value }) => value.watermark === watermark && value.idle === idle);
}

/** The frame becomes the last one of its range; what the range was told of time stays, unless the frame tells it. */
function withSent(sent: RangeMap<LastFrame>, range: KeyGroupRange, frame: FrameNumber, told?: ToldTime) {
  let next = withFrame(sent, range, { ...NOTHING_TOLD, ...frame, ...told });
  if (told !== undefined) return next;
  for (const { range: part, value } of piecesIn(sent, range)) next = withFrame(next, part, { ...value, ...frame });
  return next;
}

const NOTHING_TOLD: ToldTime = { watermark: MIN_TIMESTAMP, idle: false, at: MIN_TIMESTAMP };

function overlaps(left: KeyGroupRange, right: KeyGroupRange): boolean {
  return intersectionOf(left, right) !== undefined;
}
