import type { ByteReader } from './byte-reader.ts';

/**
 * Bytes cut into blocks of whole records.
 *
 * 1. Blocks are in order and without gaps but for what is skipped: a byte order mark, the rest of another split's record,
 *    and records longer than {@link MAX_RECORD_BYTES}, which are told of.
 * 2. While a block is used, the next chunk is being read behind a copy of the bytes left over. Two buffers take turns, so
 *    a block is valid until the next one is asked for.
 * 3. A record belongs to the range in which it begins; `to` is looked at for records that are lines.
 */
export type Block = {
  readonly bytes: Buffer;
  /** Of its first byte, in the uncompressed input. */
  readonly offset: number;
  /** No block comes after it. */
  readonly last: boolean;
  /** The beginning of a record that was skipped before this block because it is too long. */
  readonly oversized?: string;
};

export type BlockReaderOptions = {
  readonly bytes: ByteReader;
  /** Where the last whole record ends in bytes that begin with one; 0 where none does. */
  readonly lastEnd: (bytes: Buffer) => number;
  /** Where `bytes` begins. */
  readonly from: number;
  /** A record that begins here, or later, is another's. */
  readonly to: number;
  /** Bytes up to the first line end are another's. */
  readonly skipFirstLine: boolean;
  readonly chunkBytes: number;
  readonly maxRecordBytes: number;
};

/** Read at once: large enough to make calls rare, small enough to stay in the cache of a core. */
export const CHUNK_BYTES = 262_144;

/** The longest record, lest one file without line ends fill the memory. */
export const MAX_RECORD_BYTES = 16 * 1_048_576;

const LINE_FEED = 10;
const KEPT_OF_OVERSIZED_BYTES = 65_536;

export class BlockReader {
  readonly #options: BlockReaderOptions;
  #offset: number;
  #skipping: boolean;
  #markChecked: boolean;
  #oversized: string | undefined;
  #filling: Promise<Filled> | undefined;
  #spare: Buffer = Buffer.alloc(0);
  #used: Buffer = Buffer.alloc(0);

  constructor(options: BlockReaderOptions) {
    this.#options = options;
    this.#offset = options.from;
    this.#skipping = options.skipFirstLine;
    this.#markChecked = options.from > 0;
  }

  async next(): Promise<Block> {
    for (;;) {
      const { bytes, atEnd } = await (this.#filling ?? this.#fill(Buffer.alloc(0)));
      this.#filling = undefined;
      const records = this.#skip(bytes, atEnd);
      if (records === undefined) continue;
      const block = this.#cut(records, atEnd);
      if (block !== undefined) return block;
    }
  }

  async close(): Promise<void> {
    this.#filling?.catch(() => undefined);
    await this.#options.bytes.close();
  }

  /** Takes off what is no record of this reader; undefined where more must be read first. */
  #skip(bytes: Buffer, atEnd: boolean): Buffer | undefined {
    let rest = bytes;
    if (!this.#markChecked) {
      if (rest.length < 3 && !atEnd) return this.#readOn(rest);
      this.#markChecked = true;
      if (rest[0] === 0xef && rest[1] === 0xbb && rest[2] === 0xbf) rest = this.#drop(rest, 3);
    }
    if (!this.#skipping) return rest;
    const found = rest.indexOf(LINE_FEED);
    rest = this.#drop(rest, found === -1 ? rest.length : found + 1);
    if (found === -1 && !atEnd) return this.#readOn(rest);
    this.#skipping = false;
    return rest;
  }

  #drop(bytes: Buffer, count: number): Buffer {
    this.#offset += count;
    return bytes.subarray(count);
  }

  #cut(bytes: Buffer, atEnd: boolean): Block | undefined {
    const whole = atEnd ? bytes.length : this.#options.lastEnd(bytes);
    const room = this.#options.to - this.#offset;
    if (room <= whole) return this.#block(bytes.subarray(0, endOfRange(bytes, whole, room)), true);
    if (atEnd) return this.#block(bytes, true);
    const rest = bytes.subarray(whole);
    if (whole === 0 && rest.length > this.#options.maxRecordBytes) {
      this.#oversized = rest.toString('utf8', 0, KEPT_OF_OVERSIZED_BYTES);
      this.#skipping = true;
      return this.#readOn(this.#drop(rest, rest.length));
    }
    if (whole === 0) return this.#readOn(rest);
    const block = this.#block(bytes.subarray(0, whole), false);
    this.#readOn(rest);
    return block;
  }

  #block(bytes: Buffer, last: boolean): Block {
    const block = { bytes, offset: this.#offset, last };
    this.#offset += bytes.length;
    const oversized = this.#oversized;
    this.#oversized = undefined;
    return oversized === undefined ? block : { ...block, oversized };
  }

  #readOn(rest: Buffer): undefined {
    this.#filling = this.#fill(rest);
    this.#filling.catch(() => undefined);
  }

  async #fill(rest: Buffer): Promise<Filled> {
    const size = rest.length + Math.max(this.#options.chunkBytes, rest.length);
    const target = this.#spare.length >= size ? this.#spare : Buffer.allocUnsafeSlow(size);
    target.set(rest);
    this.#spare = this.#used;
    this.#used = target;
    const count = await this.#options.bytes.fill(target, rest.length);
    return { bytes: target.subarray(0, rest.length + count), atEnd: count === 0 };
  }
}

type Filled = { readonly bytes: Buffer; readonly atEnd: boolean };

/** The end of the last line that begins before `room`. */
function endOfRange(bytes: Buffer, whole: number, room: number): number {
  if (room <= 0) return 0;
  const found = bytes.indexOf(LINE_FEED, room - 1);
  return found === -1 || found >= whole ? whole : found + 1;
}
