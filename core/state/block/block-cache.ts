import { Block } from './block.ts';
import { unseal } from './seal.ts';
import type { BlockHandle, SegmentRef } from './segment.ts';

/** A piece of a segment that is not in memory. */
export type Need = { readonly segment: SegmentRef; readonly handle: BlockHandle | undefined };

/** Blocks and indexes in memory, up to so many bytes; who was looked at last stays longest. */
export class BlockCache {
  readonly limit: number;
  readonly #cached = new Map<string, Block>();
  #bytes = 0;

  constructor(limit: number) {
    this.limit = limit;
  }

  get bytes(): number {
    return this.#bytes;
  }

  /** A block; without a handle, the index. */
  get(segment: SegmentRef, handle?: BlockHandle): Block | undefined {
    const id = idOf(segment, handle);
    if (id === undefined) return inlinePiece(segment, handle);
    const cached = this.#cached.get(id);
    if (cached === undefined) return undefined;
    this.#cached.delete(id);
    this.#cached.set(id, cached);
    return cached;
  }

  /** Takes the bytes of a piece as they are stored. */
  put({ segment, handle }: Need, stored: Uint8Array): void {
    const id = idOf(segment, handle);
    if (id === undefined || this.#cached.has(id)) return;
    const cached = new Block(unseal(stored, id));
    this.#cached.set(id, cached);
    this.#bytes += cached.bytes;
  }

  /** Lets go of what was not looked at for longest, until the rest fits. */
  trim(limit: number = this.limit): void {
    for (const [id, { bytes }] of this.#cached) {
      if (this.#bytes <= limit) return;
      this.#cached.delete(id);
      this.#bytes -= bytes;
    }
  }
}

/** What a piece takes in memory; of an index, about that. */
export function weightOf({ segment, handle }: Need): number {
  return handle?.rawBytes ?? 2 * (segment.length - segment.indexStart);
}

/** Segments that lie in the manifest are small: their pieces are read each time. */
function inlinePiece(segment: SegmentRef, handle: BlockHandle | undefined): Block | undefined {
  if (segment.at.kind !== 'inline') return undefined;
  const { start, length } = partOf(segment, handle);
  return new Block(unseal(segment.at.bytes.subarray(start, start + length), 'a block in a row'));
}

export function partOf(
  segment: SegmentRef,
  handle: BlockHandle | undefined,
): { readonly start: number; readonly length: number } {
  return handle ?? { start: segment.indexStart, length: segment.length - segment.indexStart };
}

function idOf({ at, indexStart }: SegmentRef, handle: BlockHandle | undefined): string | undefined {
  return at.kind === 'object' ? `${at.name}@${handle?.start ?? indexStart}` : undefined;
}
