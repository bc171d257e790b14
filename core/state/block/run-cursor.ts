import type { RunRef } from './base.ts';
import { Block, type Entry } from './block.ts';
import { unseal } from './seal.ts';
import { handleAt, type SegmentRef } from './segment.ts';
import type { Steps } from './steps.ts';

/** Blocks of a segment are read so many bytes at a time. */
const READ_BYTES = 2 * 1024 * 1024;

/**
 * Walks a run from end to end for a merge. A segment is opened when its first entry is wanted: until then its key is known
 * from its reference.
 */
export class RunCursor {
  readonly #segments: readonly SegmentRef[];
  readonly #fresh: readonly Entry[];
  #segment = 0;
  #index: Block | undefined;
  /** The blocks at hand: where they begin in the segment, and the next one. */
  #stored: Uint8Array = new Uint8Array();
  #origin = 0;
  #handle = 0;
  #block: Block | undefined;
  #place = 0;
  /** The key at hand; undefined at the end. */
  key: Uint8Array | undefined;
  /** The entry at hand; undefined until its segment is opened. */
  entry: Entry | undefined;

  /** Over `fresh` entries instead, where there are some. */
  constructor({ segments }: RunRef, fresh: readonly Entry[]) {
    this.#segments = segments;
    this.#fresh = fresh;
    if (fresh.length > 0) this.#setEntry(fresh[0]);
    else this.key = segments[0]?.first;
  }

  /** The segment that begins here, if it was not opened yet and is at least so large. */
  wholeSegment(bytes: number): SegmentRef | undefined {
    const segment = this.#segments[this.#segment];
    return this.entry === undefined && segment !== undefined && segment.length >= bytes ? segment : undefined;
  }

  skipSegment(): void {
    this.#segment++;
    this.entry = undefined;
    this.key = this.#segments[this.#segment]?.first;
  }

  *open(): Steps<void> {
    const { indexStart, length } = this.#segments[this.#segment] as SegmentRef;
    const sealed = yield* this.#read(indexStart, length);
    this.#index = new Block(unseal(sealed, this.#name));
    this.#handle = -1;
    this.#stored = new Uint8Array();
    yield* this.load();
  }

  /** Goes one entry on; false where {@link load} has to be called for it. */
  next(): boolean {
    this.#place++;
    if (this.#fresh.length > 0) {
      this.#setEntry(this.#fresh[this.#place]);
      return true;
    }
    if (this.#block === undefined || this.#place >= this.#block.count) return false;
    this.#setEntry(this.#block.at(this.#place));
    return true;
  }

  /** Goes to the first entry of the next block, or to the next segment. */
  *load(): Steps<void> {
    const index = this.#index;
    if (index === undefined || ++this.#handle >= index.count) {
      this.#block = undefined;
      this.skipSegment();
      return;
    }
    const handle = handleAt(index, this.#handle);
    if (handle.start + handle.length > this.#origin + this.#stored.length || handle.start < this.#origin) {
      this.#origin = handle.start;
      this.#stored = yield* this.#read(handle.start, endFrom(index, this.#handle));
    }
    const start = handle.start - this.#origin;
    this.#block = new Block(unseal(this.#stored.subarray(start, start + handle.length), this.#name));
    this.#place = 0;
    this.#setEntry(this.#block.at(0));
  }

  get #name(): string {
    const { at } = this.#segments[this.#segment] as SegmentRef;
    return at.kind === 'object' ? at.name : 'a base in a row';
  }

  *#read(start: number, end: number): Steps<Uint8Array> {
    const { at } = this.#segments[this.#segment] as SegmentRef;
    if (at.kind === 'inline') return at.bytes.subarray(start, end);
    const [bytes] = yield { kind: 'read', reads: [{ name: at.name, part: { start, length: end - start } }] };
    return bytes ?? new Uint8Array();
  }

  #setEntry(entry: Entry | undefined): void {
    this.entry = entry;
    this.key = entry?.key;
  }
}

/** Where the blocks end that are read at once. */
function endFrom(index: Block, place: number): number {
  const { start } = handleAt(index, place);
  let end = start;
  for (let each = place; each < index.count && end - start < READ_BYTES; each++) {
    const handle = handleAt(index, each);
    end = handle.start + handle.length;
  }
  return end;
}
