import { keyGroupOf, type StateKey } from '../../codec/key.ts';
import type { Namespace } from '../state-table.ts';
import type { Entry } from './block.ts';
import { afterAll, type EntryKey, entryKey, hashOf, rangeKey, undividedKey } from './entry-key.ts';
import type { ABSENT, BlockPlace, Needs, RunStack } from './run-stack.ts';

export type Found = readonly Entry[] | typeof ABSENT;

/** What the base has of one space. */
export class SpaceBase {
  readonly stack: RunStack;
  readonly #space: number;
  readonly #maxParallelism: number;

  constructor(stack: RunStack, space: number, maxParallelism: number) {
    this.stack = stack;
    this.#space = space;
    this.#maxParallelism = maxParallelism;
  }

  /** Where a cell lies: a namespace that is a number comes before the key, one that is text after it. */
  cellKey(key: StateKey, namespace: Namespace): EntryKey {
    const group = keyGroupOf(key, this.#maxParallelism);
    const isNumber = typeof namespace === 'number';
    const [order, rest] = isNumber ? [namespace, undefined] : [undefined, namespace];
    return entryKey(this.#space, { order, group, key, rest });
  }

  timerKey(at: number, key: StateKey, namespace: Namespace): EntryKey {
    const group = keyGroupOf(key, this.#maxParallelism);
    return entryKey(this.#space, { order: at, group, key, rest: namespace });
  }

  /** A list lies under a key group of the task that has it. */
  listKey(group: number): EntryKey {
    return entryKey(this.#space, { order: undefined, group, key: '', rest: undefined });
  }

  list(group: number, needs: Needs): Entry | undefined | typeof ABSENT {
    return this.stack.find(this.listKey(group), needs);
  }

  cell(key: StateKey, namespace: Namespace, needs: Needs): Entry | undefined | typeof ABSENT {
    return this.stack.find(this.cellKey(key, namespace), needs);
  }

  /** All cells of a namespace that is a number. */
  division(order: number, needs: Needs): Found {
    const from = rangeKey(this.#space, order);
    return this.stack.scan(from, afterAll(from), needs);
  }

  /** All cells whose namespace is text. */
  undivided(needs: Needs): Found {
    const from = undividedKey(this.#space);
    return this.stack.scan(from, afterAll(from), needs);
  }

  /** The cells of one key whose namespace is text. */
  undividedOf(key: StateKey, needs: Needs): Found {
    const { bytes, prefix } = this.cellKey(key, '');
    const from = bytes.subarray(0, prefix);
    return this.stack.scan(from, afterAll(from), needs, hashOf(bytes, prefix));
  }

  /** All entries of the space. */
  all(needs: Needs): Found {
    const from = rangeKey(this.#space);
    return this.stack.scan(from, afterAll(from), needs);
  }

  /** The blocks that hold the timers after one time and up to another, in order. */
  blocksBetween(after: number, upTo: number, needs: Needs): readonly BlockPlace[] | typeof ABSENT {
    return this.stack.blocksIn(...this.#between(after, upTo), needs);
  }

  /** All timers after one time and up to another. */
  between(after: number, upTo: number, needs: Needs): Found {
    return this.stack.scan(...this.#between(after, upTo), needs);
  }

  #between(after: number, upTo: number): readonly [from: Uint8Array, to: Uint8Array] {
    const from = after === Number.NEGATIVE_INFINITY ? rangeKey(this.#space) : afterAll(rangeKey(this.#space, after));
    return [from, afterAll(rangeKey(this.#space, upTo))];
  }
}
