import type { KeyGroupRange } from '../memory-backend.ts';
import type { Entry } from './block.ts';
import { type SegmentRef, SegmentWriter } from './segment.ts';
import type { Steps } from './steps.ts';

export type RunWriterOptions = {
  readonly range: KeyGroupRange;
  /** Gives each object that is put its name. */
  readonly nextName: () => string;
  readonly blockBytes: number;
  readonly segmentBytes: number;
  /** A run of one segment up to this size lies in the manifest. */
  readonly inlineBytes: number;
};

/** Writes a run, one object per segment, as its entries come. */
export class RunWriter {
  readonly #options: RunWriterOptions;
  readonly #segments: SegmentRef[] = [];
  #segment: SegmentWriter;

  constructor(options: RunWriterOptions) {
    this.#options = options;
    this.#segment = new SegmentWriter(options.blockBytes);
  }

  /** True: the segment is large enough to be cut. */
  add(entry: Entry): boolean {
    this.#segment.add(entry);
    return this.#segment.length >= this.#options.segmentBytes;
  }

  cut(): Steps<void> {
    return this.#put(false);
  }

  /** Takes a segment that follows all entries so far, as it is. */
  *takeOver(segment: SegmentRef): Steps<void> {
    yield* this.#put(false);
    this.#segments.push(segment);
  }

  *finish(): Steps<readonly SegmentRef[]> {
    yield* this.#put(this.#segments.length === 0);
    return this.#segments;
  }

  *#put(mayBeInline: boolean): Steps<void> {
    if (this.#segment.entries === 0) return;
    const { bytes, ref } = this.#segment.finish();
    this.#segment = new SegmentWriter(this.#options.blockBytes);
    if (mayBeInline && bytes.length <= this.#options.inlineBytes) {
      this.#segments.push({ at: { kind: 'inline', bytes }, ...ref });
      return;
    }
    const name = this.#options.nextName();
    yield { kind: 'put', name, bytes };
    this.#segments.push({ at: { kind: 'object', name }, ...ref });
  }
}
