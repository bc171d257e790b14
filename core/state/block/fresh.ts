import type { StateKey } from '../../codec/key.ts';
import type { KeyGroupRange } from '../memory-backend.ts';
import type { Namespace } from '../state-table.ts';
import type { Drop } from './base.ts';
import type { Entry } from './block.ts';
import type { Fresh } from './compaction.ts';
import { compare } from './run-stack.ts';
import type { SpaceBase } from './space-base.ts';

/** Collects what the rows since the last base say, space by space, to be folded into a new one. */
export class FreshEntries {
  readonly #range: KeyGroupRange;
  readonly #entries: Entry[] = [];
  readonly #drops: Drop[] = [];
  #bytes = 0;
  #keys: SpaceBase | undefined;
  #space = 0;

  constructor(range: KeyGroupRange) {
    this.#range = range;
  }

  /** What follows is of this space. */
  begin(space: number, keys: SpaceBase): void {
    this.#space = space;
    this.#keys = keys;
  }

  /** A cell; without a value, one that is gone. */
  cell(key: StateKey, namespace: Namespace, sequence: number, value: Uint8Array | undefined): void {
    this.#add((this.#keys as SpaceBase).cellKey(key, namespace).bytes, sequence, value);
  }

  timer(at: number, key: StateKey, namespace: Namespace, sequence: number | undefined): void {
    const { bytes } = (this.#keys as SpaceBase).timerKey(at, key, namespace);
    this.#add(bytes, sequence ?? 0, sequence === undefined ? undefined : EMPTY);
  }

  list(value: Uint8Array): void {
    this.#add((this.#keys as SpaceBase).listKey(this.#range.first).bytes, 0, value);
  }

  drop(order: number): void {
    const { first, last } = this.#range;
    this.#drops.push({ space: this.#space, order, first, last });
  }

  finish(): Fresh {
    this.#entries.sort((left, right) => compare(left.key, right.key));
    return { entries: this.#entries, drops: this.#drops, bytes: this.#bytes };
  }

  #add(key: Uint8Array, sequence: number, value: Uint8Array | undefined): void {
    this.#entries.push({ key, sequence, value });
    this.#bytes += key.length + (value?.length ?? 0) + ENTRY_BYTES;
  }
}

/** What a block has for an entry beside its key and value, about. */
const ENTRY_BYTES = 9;
const EMPTY = new Uint8Array();
