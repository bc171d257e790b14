import { keyGroupOf, stateKeyOf, subtaskOf } from '../codec/key.ts';
import { PoisonRecordError } from '../error/error.ts';
import type { Partitioning } from '../graph/node.ts';
import type { Output } from '../operator/operator.ts';
import { seededRandom } from '../port/random.ts';
import type { Timestamp } from '../time/timestamp.ts';

/** Gives the subtask that a record goes to; undefined for all of them. */
export type Partitioner = ((value: unknown) => number) | undefined;

export type PartitionerOptions = {
  readonly targets: number;
  readonly maxParallelism: number;
  /** Of the subtask that sends: where round robin begins. */
  readonly index: number;
};

export function partitionerOf(
  partitioning: Partitioning,
  { targets, maxParallelism, index }: PartitionerOptions,
): Partitioner {
  switch (partitioning.kind) {
    case 'hash': {
      const { of } = partitioning.key;
      return (value) => subtaskOf(keyGroupOf(stateKeyOf(of(value)), maxParallelism), targets, maxParallelism);
    }
    case 'forward':
    case 'rebalance': {
      let next = index;
      return () => next++ % targets;
    }
    case 'shuffle': {
      const random = seededRandom(index + 1);
      return () => Math.floor(random.next() * targets);
    }
    case 'broadcast':
      return undefined;
    case 'global':
      return () => 0;
    case 'custom':
      return (value) => checkedTarget(partitioning.partition(value, targets), targets);
  }
}

function checkedTarget(target: number, targets: number): number {
  if (Number.isInteger(target) && target >= 0 && target < targets) return target;
  throw new PoisonRecordError(
    `the partition function gave ${target}; it must give a whole number from 0 to ${targets - 1}`,
  );
}

/** An edge that crosses subtasks: each record to one of them, or to all; watermarks to all. */
export class RoutedOutput implements Output {
  readonly #targets: readonly Output[];
  readonly #partition: Partitioner;
  readonly #poison: (error: unknown, value: unknown, timestamp: Timestamp) => void;

  constructor(
    targets: readonly Output[],
    partition: Partitioner,
    poison: (error: unknown, value: unknown, timestamp: Timestamp) => void,
  ) {
    this.#targets = targets;
    this.#partition = partition;
    this.#poison = poison;
  }

  record(value: unknown, timestamp: Timestamp): void {
    if (this.#partition === undefined) {
      for (const target of this.#targets) target.record(value, timestamp);
      return;
    }
    let target: number;
    try {
      target = this.#partition(value);
    } catch (error) {
      this.#poison(error, value, timestamp);
      return;
    }
    (this.#targets[target] as Output).record(value, timestamp);
  }

  watermark(at: Timestamp): void {
    for (const target of this.#targets) target.watermark(at);
  }

  idle(isIdle: boolean): void {
    for (const target of this.#targets) target.idle(isIdle);
  }
}
