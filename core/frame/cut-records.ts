import { reasonOf } from '../error/error.ts';
import type { RefusedRecord } from '../port/record-writer.ts';
import type { FrameRecords } from './frame.ts';
import { type EncodedBody, encodeBody } from './frame-codec.ts';

export type CutRecords = {
  /** The records in their order, each body fit for one frame. Empty without records. */
  readonly bodies: readonly EncodedBody[];
  /** Records that no frame can carry, being no plain data or too large on their own: for the dead letters. */
  readonly refused: readonly RefusedRecord[];
};

/**
 * Cuts records into bodies that fit a frame each, in order. Most calls encode once; where that is too large, the pieces
 * are, and a record that cannot be encoded is found by halving.
 *
 * @example
 * cutRecords({ values: [{ page: '/home' }], timestamps: [0], groups: [17] }).bodies.length; // 1
 */
export function cutRecords(records: FrameRecords): CutRecords {
  const bodies: EncodedBody[] = [];
  const refused: RefusedRecord[] = [];
  cut(records, 0, records.values.length, bodies, refused);
  return { bodies, refused };
}

function cut(records: FrameRecords, from: number, to: number, bodies: EncodedBody[], refused: RefusedRecord[]): void {
  if (from === to) return;
  const encoded = tryEncode(slice(records, from, to));
  if (encoded.kind === 'body') {
    bodies.push(encoded);
  } else if (to - from === 1) {
    refused.push({ index: from, reason: encoded.reason });
  } else {
    const size = Math.ceil((to - from) / encoded.pieces);
    for (let at = from; at < to; at += size) cut(records, at, Math.min(at + size, to), bodies, refused);
  }
}

type Failure = { readonly kind: 'failure'; readonly pieces: number; readonly reason: string };

function tryEncode(records: FrameRecords): EncodedBody | Failure {
  try {
    const encoded = encodeBody(records);
    if (encoded.kind === 'body') return encoded;
    return {
      kind: 'failure',
      pieces: encoded.pieces,
      reason: 'it is larger than a frame, which holds 1 MiB compressed',
    };
  } catch (error) {
    return { kind: 'failure', pieces: 2, reason: reasonOf(error) };
  }
}

function slice({ values, timestamps, groups }: FrameRecords, from: number, to: number): FrameRecords {
  if (from === 0 && to === values.length) return { values, timestamps, groups };
  return { values: values.slice(from, to), timestamps: timestamps.slice(from, to), groups: groups.slice(from, to) };
}
