import { InvariantError } from '../error/error.ts';
import type { FrameHeader } from '../frame/frame.ts';
import { decodeFrame } from '../frame/frame-codec.ts';
import type { KeyGroupRange } from '../frame/key-group-range.ts';

/**
 * Frames that came before their predecessors (P7). They are part of a task's state: the log will not give them again.
 *
 * What is held is bounded. More than that does not come of puts that overtook each other: a frame was lost, and a task
 * that went on would be wrong in silence.
 */
export type HeldFrame = {
  readonly bytes: Uint8Array;
  /** The key groups for which it waits. */
  readonly ranges: readonly KeyGroupRange[];
};

/** One frame is in flight to a shard at a time, so that more than a few of one producer are never early. */
export const MAX_HELD_FRAMES = 1_000;
export const MAX_HELD_BYTES = 64 * 1024 * 1024;

type Held = HeldFrame & { readonly header: FrameHeader };

export class HeldFrames {
  #committed: readonly Held[];
  #current: readonly Held[];

  constructor(frames: readonly HeldFrame[]) {
    this.#committed = frames.map((frame) => ({ ...frame, header: decodeFrame(frame.bytes).header }));
    this.#current = this.#committed;
  }

  /** @throws InvariantError where it is one too many */
  add(frame: HeldFrame, header: FrameHeader): void {
    this.#current = [...this.#current, { ...frame, header }];
    const bytes = this.#current.reduce((sum, held) => sum + held.bytes.length, 0);
    if (this.#current.length <= MAX_HELD_FRAMES && bytes <= MAX_HELD_BYTES) return;
    throw new InvariantError(
      `${this.#current.length} frames of ${bytes} bytes wait for one before them, such as commit ${header.n} of ${header.producer}; that one is lost: go back to a checkpoint`,
    );
  }

  /** Takes out those of a producer, oldest first; whoever is still early is added again. */
  takeOf(producer: string): readonly (HeldFrame & { readonly header: FrameHeader })[] {
    const taken = this.#current.filter(({ header }) => header.producer === producer);
    if (taken.length === 0) return taken;
    this.#current = this.#current.filter(({ header }) => header.producer !== producer);
    return [...taken].sort((left, right) => left.header.n - right.header.n || left.header.chunk - right.header.chunk);
  }

  get all(): readonly HeldFrame[] {
    return this.#current;
  }

  get isChanged(): boolean {
    return this.#current !== this.#committed;
  }

  committed(): void {
    this.#committed = this.#current;
  }

  discard(): void {
    this.#current = this.#committed;
  }
}
