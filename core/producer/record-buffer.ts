import type { FrameRecords } from '../frame/frame.ts';
import type { EncodedBody } from '../frame/frame-codec.ts';
import type { KeyGroupRange } from '../frame/key-group-range.ts';
import type { Timestamp } from '../time/timestamp.ts';

/** What an event is taken for before the first batch has shown how large they are. */
const FIRST_GUESS_BYTES = 1_024;

/** From one batch to the next, events without a key go so many key groups on: an odd number reaches every group in turn. */
const NEXT_GROUP = 617;

/** Events that wait to be packed. Their size is guessed from those packed before: measuring each would cost as much as packing it. */
export class RecordBuffer<T> {
  readonly #maxParallelism: number;
  #values: T[] = [];
  #timestamps: Timestamp[] = [];
  #groups: number[] = [];
  #spread = 0;
  #eventBytes = FIRST_GUESS_BYTES;
  #taken = 0;

  constructor(maxParallelism: number) {
    this.#maxParallelism = maxParallelism;
  }

  get count(): number {
    return this.#values.length;
  }

  get bytes(): number {
    return this.#values.length * this.#eventBytes;
  }

  /** Of the batch that is under way. */
  get bytesTaken(): number {
    return this.#taken * this.#eventBytes;
  }

  /** Without a group it goes where all such events of the batch go: few large frames are better than many small ones. */
  add(value: T, timestamp: Timestamp, group: number = this.#spread): void {
    this.#values.push(value);
    this.#timestamps.push(timestamp);
    this.#groups.push(group);
  }

  /** All events, by the range that holds their group; ranges without one are left out. */
  take(ranges: readonly KeyGroupRange[]): readonly { readonly range: KeyGroupRange; readonly records: FrameRecords }[] {
    const places = new Uint32Array(this.#maxParallelism);
    ranges.forEach(({ first, last }, place) => {
      places.fill(place, first, last + 1);
    });
    const parts = ranges.map(() => ({ values: [] as T[], timestamps: [] as Timestamp[], groups: [] as number[] }));
    for (let i = 0; i < this.#values.length; i++) {
      const group = this.#groups[i] as number;
      const part = parts[places[group] as number];
      part?.values.push(this.#values[i] as T);
      part?.timestamps.push(this.#timestamps[i] as Timestamp);
      part?.groups.push(group);
    }
    this.#taken = this.#values.length;
    this.#values = [];
    this.#timestamps = [];
    this.#groups = [];
    this.#spread = (this.#spread + NEXT_GROUP) % this.#maxParallelism;
    return ranges.flatMap((range, place) => {
      const records = parts[place];
      return records === undefined || records.values.length === 0 ? [] : [{ range, records }];
    });
  }

  /** So many events made these bodies. */
  measured(events: number, bodies: readonly EncodedBody[]): void {
    if (bodies.length === 0) return;
    this.#eventBytes = Math.max(1, bodies.reduce((sum, { rawLength }) => sum + rawLength, 0) / events);
  }

  /** The batch that was taken is put. */
  settle(): void {
    this.#taken = 0;
  }
}
