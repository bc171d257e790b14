import { MAX_ENTRY_BYTES } from '../port/frame-log.ts';
import type { Timestamp } from '../time/timestamp.ts';
import type { KeyGroupRange } from './key-group-range.ts';

/**
 * A frame is what one task sends to a range of key groups of another stage in one go: one Kinesis record. The producer
 * library writes the same container into a source stream.
 *
 * A frame is identified by (producer, n, chunk) within its range. Numbers of one producer rise; `prev` names the frame
 * before this one, so that a consumer knows what it has not seen yet (P7).
 */
export type FrameHeader = {
  readonly job: string;
  readonly incarnation: number;
  /** The task that sent it, `stage/shard`, or the id of a producer library. */
  readonly producer: string;
  /** The number of the commit that cut it, from 0. */
  readonly n: number;
  /** Rises within the commit, over all ports and ranges of the stage that reads. */
  readonly chunk: number;
  /** No chunk of this commit follows for the range: watermark and end marker count from here. */
  readonly last: boolean;
  /** The frame before this one, for each part of the range; a part that is left out has none before. */
  readonly prev: readonly FrameLink[];
  /** Which input of the stage the records are for. */
  readonly port: number;
  readonly range: KeyGroupRange;
  readonly watermark: Timestamp;
  /** The producer is idle: its watermark is left out of the minimum. */
  readonly idle: boolean;
  /** The id of the last barrier that the producer committed; 0 before the first. */
  readonly barrier: number;
  /** The producer has ended, and these go on for it. */
  readonly end?: { readonly successors: readonly string[] };
};

/** For the key groups of `range`: the last frame was chunk `chunk` of commit `n`. */
export type FrameLink = { readonly range: KeyGroupRange; readonly n: number; readonly chunk: number };

/** The records of a frame, side by side: record i is `values[i]` with `timestamps[i]`, in key group `groups[i]`. */
export type FrameRecords = {
  readonly values: readonly unknown[];
  /** Event times; NO_TIMESTAMP where there is none. */
  readonly timestamps: readonly Timestamp[];
  readonly groups: readonly number[];
};

/** A frame is one entry of a log: one Kinesis record. Four of this size fit a Lambda payload in base64. */
export const MAX_FRAME_BYTES = MAX_ENTRY_BYTES;

/** Records of a frame; more gain nothing, as what they share is shared already. */
export const MAX_FRAME_RECORDS = 65_536;

/** Bytes of a body before compression: what a consumer must be ready to hold, whatever the sender claims. */
export const MAX_BODY_BYTES = 16_777_216;

/** Values of a body, fields and items counted: what a few repeated bytes may grow into. */
export const MAX_BODY_VALUES = 4_194_304;

/** The name of a job or a producer, in UTF-8 bytes, and of a header in all. */
export const MAX_HEADER_BYTES = 65_536;
