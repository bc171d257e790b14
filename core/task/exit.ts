import { keyGroupOf, stateKeyOf } from '../codec/key.ts';
import { PoisonRecordError } from '../error/error.ts';
import type { FrameRecords } from '../frame/frame.ts';
import type { Partitioning } from '../graph/node.ts';
import { keyGroupRanges } from '../graph/plan.ts';
import type { WindowDescriptor } from '../operator/descriptor.ts';
import type { Output, RecordOutput } from '../operator/operator.ts';
import { Combiner } from '../operator/window/combiner.ts';
import { seededRandom } from '../port/random.ts';
import type { WrittenRecord } from '../port/record-writer.ts';
import { MIN_TIMESTAMP, type Timestamp } from '../time/timestamp.ts';

/** Where time stands at an end of a stage's chain: part of a task's state, as no operator keeps it. */
export type EndTime = { watermark: Timestamp; idle: boolean };

/** Of a task that begins. */
export const NO_TIME = { watermark: MIN_TIMESTAMP, idle: false } as const;

export type Poison = (error: unknown, value: unknown, timestamp: Timestamp) => void;

/**
 * An edge out of a stage's chain: gathers what one step sends over it, each record with its key group. The key group says
 * where a record goes however many shards there are; without a key it is made up, so that records spread as asked for.
 */
export class Exit implements RecordOutput {
  /** The stage that reads. */
  readonly stage: string;
  readonly port: number;
  /** Every record is for every task of the stage. */
  readonly isBroadcast: boolean;
  readonly time: EndTime;
  /** Of the record that comes next. */
  group = 0;
  #values: unknown[] = [];
  #timestamps: Timestamp[] = [];
  #groups: number[] = [];

  constructor(to: { readonly stage: string; readonly port: number; readonly isBroadcast: boolean }, time: EndTime) {
    this.stage = to.stage;
    this.port = to.port;
    this.isBroadcast = to.isBroadcast;
    this.time = time;
  }

  get size(): number {
    return this.#values.length;
  }

  record(value: unknown, timestamp: Timestamp): void {
    this.#values.push(value);
    this.#timestamps.push(timestamp);
    this.#groups.push(this.group);
  }

  take(): FrameRecords {
    const records = { values: this.#values, timestamps: this.#timestamps, groups: this.#groups };
    this.#values = [];
    this.#timestamps = [];
    this.#groups = [];
    return records;
  }
}

export type ExitOptions = {
  readonly partitioning: Partitioning;
  /** Of the stage that reads. */
  readonly parallelism: number;
  readonly maxParallelism: number;
  /** Where the reader is a window whose records are combined before the shuffle. */
  readonly combined?: WindowDescriptor;
  readonly poison: Poison;
};

/** What stands before an exit: it finds the key group, or folds records by key first. */
export type Gate = Output & { flush?(): void };

export function gateTo(exit: Exit, options: ExitOptions): Gate {
  const { maxParallelism, combined, poison } = options;
  if (combined === undefined) return new GroupGate(exit, groupsOf(options), poison);
  const target: Output = { record: (value, at) => exit.record(value, at), ...timeTo(exit.time) };
  const route = (key: string | number | boolean) => {
    exit.group = keyGroupOf(key, maxParallelism);
    return target;
  };
  return new Combiner(combined, { route, targets: [target], poison, watermark: exit.time.watermark });
}

class GroupGate implements Output {
  readonly #exit: Exit;
  readonly #groupOf: (value: unknown) => number;
  readonly #poison: Poison;

  constructor(exit: Exit, groupOf: (value: unknown) => number, poison: Poison) {
    this.#exit = exit;
    this.#groupOf = groupOf;
    this.#poison = poison;
  }

  record(value: unknown, timestamp: Timestamp): void {
    try {
      this.#exit.group = this.#groupOf(value);
    } catch (error) {
      this.#poison(error, value, timestamp);
      return;
    }
    this.#exit.record(value, timestamp);
  }

  watermark(at: Timestamp): void {
    this.#exit.time.watermark = at;
  }

  idle(isIdle: boolean): void {
    this.#exit.time.idle = isIdle;
  }
}

function timeTo(time: EndTime): Pick<Output, 'watermark' | 'idle'> {
  return {
    watermark: (at) => {
      time.watermark = at;
    },
    idle: (isIdle) => {
      time.idle = isIdle;
    },
  };
}

/** An odd stride visits all key groups, and neighbours in time are far apart in the hash space. */
const STRIDE = 617;

function groupsOf({ partitioning, parallelism, maxParallelism }: ExitOptions): (value: unknown) => number {
  switch (partitioning.kind) {
    case 'hash': {
      const { of } = partitioning.key;
      return (value) => keyGroupOf(stateKeyOf(of(value)), maxParallelism);
    }
    case 'forward':
    case 'rebalance': {
      let next = 0;
      return () => {
        next = (next + STRIDE) & (maxParallelism - 1);
        return next;
      };
    }
    case 'shuffle': {
      const random = seededRandom(1);
      return () => Math.floor(random.next() * maxParallelism);
    }
    case 'broadcast':
    case 'global':
      return () => 0;
    case 'custom': {
      const ranges = keyGroupRanges(parallelism, maxParallelism);
      return (value) => {
        const part = partitioning.partition(value, parallelism);
        const range = ranges[part];
        if (range !== undefined) return range[0];
        throw new PoisonRecordError(
          `the partition function gave ${part}; it must give a whole number from 0 to ${parallelism - 1}`,
        );
      };
    }
  }
}

/** A sink at the end of a stage's chain: gathers what one step writes to it. */
export class SinkEnd implements Output {
  readonly uid: string;
  readonly time: EndTime;
  #records: WrittenRecord[] = [];

  constructor(uid: string, time: EndTime) {
    this.uid = uid;
    this.time = time;
  }

  get size(): number {
    return this.#records.length;
  }

  record(value: unknown, timestamp: Timestamp): void {
    this.#records.push({ value, timestamp });
  }

  watermark(at: Timestamp): void {
    this.time.watermark = at;
  }

  idle(isIdle: boolean): void {
    this.time.idle = isIdle;
  }

  take(): readonly WrittenRecord[] {
    const records = this.#records;
    this.#records = [];
    return records;
  }
}
