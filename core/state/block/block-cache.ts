import { Block } from './block.ts';
import { unseal } from './seal.ts';
import { type BlockHandle, handlesOf, type SegmentRef } from './segment.ts';

/** A piece of a segment that is not in memory. */
export type Need = { readonly segment: SegmentRef; readonly handle: BlockHandle | undefined };

export type SegmentIndex = { readonly block: Block; readonly handles: readonly BlockHandle[] };

type Cached = { readonly block: Block; readonly handles?: readonly BlockHandle[]; readonly bytes: number };

/** Blocks and indexes in memory, up to so many bytes; who was looked at last stays longest. */
export class BlockCache {
  readonly limit: number;
  readonly #cached = new Map<string, Cached>();
  #bytes = 0;

  constructor(limit: number) {
    this.limit = limit;
  }

  get bytes(): number {
    return this.#bytes;
  }

  index(segment: SegmentRef): SegmentIndex | undefined {
    const cached = this.#get(segment, undefined);
    return cached?.handles === undefined ? undefined : { block: cached.block, handles: cached.handles };
  }

  block(segment: SegmentRef, handle: BlockHandle): Block | undefined {
    return this.#get(segment, handle)?.block;
  }

  /** Takes the bytes of a piece as they are stored. */
  put({ segment, handle }: Need, stored: Uint8Array): void {
    const id = idOf(segment, handle);
    if (id === undefined || this.#cached.has(id)) return;
    const cached = opened(stored, handle, id);
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

  #get(segment: SegmentRef, handle: BlockHandle | undefined): Cached | undefined {
    const id = idOf(segment, handle);
    if (id === undefined) return inlinePiece(segment, handle);
    const cached = this.#cached.get(id);
    if (cached === undefined) return undefined;
    this.#cached.delete(id);
    this.#cached.set(id, cached);
    return cached;
  }
}

/** What a piece takes in memory; of an index, about that. */
export function weightOf({ segment, handle }: Need): number {
  return handle === undefined ? 2 * (segment.length - segment.indexStart) : handle.rawBytes;
}

/** Segments that lie in the manifest are small: their pieces are read each time. */
function inlinePiece(segment: SegmentRef, handle: BlockHandle | undefined): Cached | undefined {
  if (segment.at.kind !== 'inline') return undefined;
  const { start, length } = partOf(segment, handle);
  return opened(segment.at.bytes.subarray(start, start + length), handle, 'a block in a row');
}

function opened(stored: Uint8Array, handle: BlockHandle | undefined, name: string): Cached {
  const block = new Block(unseal(stored, name));
  if (handle !== undefined) return { block, bytes: block.bytes };
  return { block, handles: handlesOf(block), bytes: 2 * block.bytes };
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
