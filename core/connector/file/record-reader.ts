import type { Batch, DecodeFault, SplitReader } from '../source.ts';
import { type Block, BlockReader, type BlockReaderOptions, CHUNK_BYTES, MAX_RECORD_BYTES } from './block-reader.ts';
import { type BlockDecoder, type BlockFault, cutRaw, faultAt } from './decoder.ts';

/**
 * Records out of bytes: has a decoder take blocks apart, batch by batch.
 *
 * 1. `position` is that of the end of the last batch: bytes and lines from the beginning of the (uncompressed) input.
 * 2. A batch is given without a promise whenever a block is at hand.
 */
export type RecordPosition = {
  readonly offset: number;
  /** Lines before `offset`, counted from where the split's first record begins. */
  readonly line: number;
  /** Of a CSV file, once its header was read. */
  readonly columns?: readonly string[];
};

export type RecordReaderOptions<T> = Pick<BlockReaderOptions, 'bytes'> &
  Partial<Pick<BlockReaderOptions, 'to' | 'skipFirstLine' | 'chunkBytes' | 'maxRecordBytes'>> & {
    readonly decoder: BlockDecoder<T>;
    /** For the places of faults. */
    readonly name: string;
    readonly from: RecordPosition;
    /** Lines before the split's first record, asked for when a fault must be placed; absent: none. */
    readonly linesBefore?: () => Promise<number>;
    /** True: what is read may come at any time, so `read` gives an empty batch and `arrived` tells. */
    readonly live?: boolean;
  };

export class RecordReader<T> implements SplitReader<T, RecordPosition> {
  readonly #options: RecordReaderOptions<T>;
  readonly #decoder: BlockDecoder<T>;
  readonly #blocks: BlockReader;
  /** Where the next record begins, when no block is being taken apart; else where the block begins. */
  #offset: number;
  #line: number;
  #block: Block | undefined;
  #awaited: Promise<Block> | undefined;
  #arrived: Block | undefined;
  #failure: { readonly error: unknown } | undefined;
  #ended = false;
  #linesBefore: number | undefined;

  constructor(options: RecordReaderOptions<T>) {
    this.#options = options;
    this.#decoder = options.decoder;
    this.#offset = options.from.offset;
    this.#line = options.from.line;
    this.#linesBefore = options.linesBefore === undefined ? 0 : undefined;
    this.#blocks = new BlockReader({
      bytes: options.bytes,
      lastEnd: (bytes) => options.decoder.lastEnd(bytes),
      from: options.from.offset,
      to: options.to ?? Number.POSITIVE_INFINITY,
      skipFirstLine: options.skipFirstLine ?? false,
      chunkBytes: options.chunkBytes ?? CHUNK_BYTES,
      maxRecordBytes: options.maxRecordBytes ?? MAX_RECORD_BYTES,
    });
  }

  read(limit: number): Batch<T> | Promise<Batch<T>> {
    if (this.#block !== undefined) return this.#decode(limit);
    if (this.#ended) return { values: [], ended: true };
    if (this.#options.live !== true) return this.#blocks.next().then((block) => this.#begin(block, limit));
    if (this.#failure !== undefined) throw this.#failure.error;
    const block = this.#arrived;
    if (block === undefined) {
      this.#await();
      return { values: [], ended: false };
    }
    this.#arrived = undefined;
    this.#awaited = undefined;
    return this.#begin(block, limit);
  }

  async arrived(): Promise<void> {
    if (this.#options.live !== true || this.#block !== undefined || this.#ended) return;
    await this.#await();
  }

  position(): RecordPosition {
    const taken = this.#block === undefined ? { bytes: 0, lines: 0 } : this.#decoder.taken();
    const at = { offset: this.#offset + taken.bytes, line: this.#line + taken.lines };
    const columns = this.#decoder.columns?.();
    return columns === undefined ? at : { ...at, columns };
  }

  async close(): Promise<void> {
    this.#ended = true;
    this.#block = undefined;
    await this.#blocks.close();
  }

  #await(): Promise<unknown> {
    this.#awaited ??= this.#blocks.next();
    return this.#awaited.then(
      (block) => {
        this.#arrived = block;
      },
      (error: unknown) => {
        this.#failure = { error };
      },
    );
  }

  #begin(block: Block, limit: number): Batch<T> | Promise<Batch<T>> {
    const skipped: BlockFault[] = [];
    if (block.oversized !== undefined) {
      const limitBytes = this.#options.maxRecordBytes ?? MAX_RECORD_BYTES;
      const reason = `longer than ${limitBytes} bytes; the limit is there so that a file without line ends is found`;
      skipped.push({ reason, raw: cutRaw(block.oversized), line: -1 });
      this.#line++;
    }
    this.#offset = block.offset;
    this.#block = block;
    this.#decoder.begin(block.bytes);
    return this.#decode(limit, skipped);
  }

  #decode(limit: number, faults: BlockFault[] = []): Batch<T> | Promise<Batch<T>> {
    const values: T[] = [];
    const more = this.#decoder.decode(limit, values, faults);
    const firstLine = this.#line;
    if (!more) this.#leaveBlock();
    const ended = this.#ended;
    if (faults.length === 0) return { values, ended };
    return this.#place(faults, firstLine, (placed) => ({ values, faults: placed, ended }));
  }

  #leaveBlock(): void {
    const { bytes, lines } = this.#decoder.taken();
    this.#offset += bytes;
    this.#line += lines;
    this.#ended = this.#block?.last ?? true;
    this.#block = undefined;
  }

  #place(
    faults: readonly BlockFault[],
    firstLine: number,
    batch: (placed: readonly DecodeFault[]) => Batch<T>,
  ): Batch<T> | Promise<Batch<T>> {
    const { name, linesBefore } = this.#options;
    const all = (before: number) => batch(faults.map((fault) => faultAt(fault, name, before + firstLine)));
    if (this.#linesBefore !== undefined) return all(this.#linesBefore);
    if (linesBefore === undefined) return all(0);
    return linesBefore().then((count) => {
      this.#linesBefore = count;
      return all(count);
    });
  }
}
