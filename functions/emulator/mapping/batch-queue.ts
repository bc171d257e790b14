import type { EventRecord } from './shard-reader.ts';

/** What a synchronous invocation takes, the envelope of the event included. */
export const MAX_PAYLOAD_BYTES = 6 * 1024 * 1024;
const ENVELOPE_BYTES = '{"Records":[]}'.length;

type Entry = EventRecord & { readonly bytes: number; readonly arrived: number };

export type BatchLimits = { readonly batchSize: number; readonly windowMs: number };

/**
 * The records of a shard between their read and the success of their batch.
 *
 * 1. Records leave in order, and only from the front: nothing overtakes what failed.
 * 2. A batch has at most `batchSize` records and 6 MB of JSON, and at least one record.
 * 3. A batch that was cut is given again as it was, unless it is split or a part of it succeeded.
 */
export class BatchQueue {
  readonly #limits: BatchLimits;
  #entries: Entry[] = [];
  #bytes = 0;
  /** How many records each batch has that was cut before, from the front. */
  #cuts: number[] = [];

  constructor(limits: BatchLimits) {
    this.#limits = limits;
  }

  get length(): number {
    return this.#entries.length;
  }

  add(records: readonly EventRecord[], now: number): void {
    for (const record of records) {
      const bytes = Buffer.byteLength(record.json) + 1;
      this.#entries.push({ ...record, bytes, arrived: now });
      this.#bytes += bytes;
    }
  }

  /** Milliseconds until a batch is due; 0: now; undefined: there is nothing. */
  dueIn(now: number): number | undefined {
    const [first] = this.#entries;
    if (first === undefined) return undefined;
    const full = this.#entries.length >= this.#limits.batchSize || this.#bytes + ENVELOPE_BYTES >= MAX_PAYLOAD_BYTES;
    if (full || this.#cuts.length > 0) return 0;
    return Math.max(0, first.arrived + this.#limits.windowMs - now);
  }

  /** The batch at the front. It stays there until `taken` or `split`. */
  front(): readonly EventRecord[] {
    if (this.#cuts.length === 0) this.#cuts.push(this.#fitting());
    return this.#entries.slice(0, this.#cuts[0]);
  }

  /** The first records of the front batch have succeeded; what is left of it comes again by itself. */
  taken(count: number): void {
    const left = (this.#cuts.shift() ?? count) - count;
    if (left > 0) this.#cuts.unshift(left);
    for (const { bytes } of this.#entries.splice(0, count)) this.#bytes -= bytes;
  }

  /** The front batch comes again as two halves. */
  split(): void {
    const [size = 0] = this.#cuts;
    if (size > 1) this.#cuts.splice(0, 1, Math.ceil(size / 2), Math.floor(size / 2));
  }

  /** The front batch is cut anew, with what has come since. */
  recut(size: number): void {
    this.#cuts = [Math.min(size, this.#fitting())];
  }

  #fitting(): number {
    let bytes = ENVELOPE_BYTES;
    const limit = Math.min(this.#limits.batchSize, this.#entries.length);
    for (let count = 0; count < limit; count++) {
      bytes += this.#entries[count]?.bytes ?? 0;
      if (bytes > MAX_PAYLOAD_BYTES) return Math.max(1, count);
    }
    return limit;
  }
}
