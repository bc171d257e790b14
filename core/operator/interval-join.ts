import { type StateKey, stateKeyOf, userKeyOf } from '../codec/key.ts';
import { JobSpecError } from '../error/error.ts';
import { type StateTable, VOID_NAMESPACE } from '../state/state-table.ts';
import type { TimerQueue } from '../state/timer-queue.ts';
import { addMs, type Timestamp } from '../time/timestamp.ts';
import type { IntervalJoinDescriptor } from './descriptor.ts';
import type { KeySelector } from './key-selector.ts';
import type { OperatorContext, RecordOutput } from './operator.ts';
import { PassingOperator } from './passing-operator.ts';
import { RunningContext } from './running-context.ts';
import { firstAfter, firstFrom, insertSorted, newSortedRecords, type SortedRecords } from './sorted-records.ts';
import type { Untyped } from './untyped.ts';
import { expectPlain, needTimestamp } from './user-call.ts';

/**
 * Interval join (Flink: IntervalJoinOperator): each record is kept in its side's buffer and meets those of the other
 * side whose timestamps lie in its interval.
 *
 * 1. A pair with `left + lower <= right <= left + upper` comes once: when the later arrival of the two comes.
 * 2. A record behind the watermark is late: it joins nothing and goes to the side output of its side.
 * 3. A record leaves its buffer when the watermark reaches the end of its interval (its own timestamp at the earliest),
 *    in that step of the watermark. A key's buffer has a timer at the earliest such end.
 * 4. A buffer is sorted by timestamp, those of one timestamp by arrival; an interval is found by bisection.
 */
export class IntervalJoinOperator extends PassingOperator {
  readonly inputs: readonly RecordOutput[];
  readonly #descriptor: IntervalJoinDescriptor;
  readonly #running: RunningContext;
  readonly #pair: { key: unknown; leftTimestamp: Timestamp; rightTimestamp: Timestamp; emit: (value: unknown) => void };
  readonly #timers: TimerQueue;
  readonly #left: Side;
  readonly #right: Side;

  constructor(descriptor: IntervalJoinDescriptor, context: OperatorContext) {
    super(context);
    const { lower, upper } = intervalOf(descriptor, context.uid);
    const [leftKey, rightKey] = descriptor.keys;
    this.#descriptor = descriptor;
    this.#running = new RunningContext(context);
    this.#pair = { key: '', leftTimestamp: 0, rightTimestamp: 0, emit: this.#running.emit };
    this.#timers = context.state.timers('clean-up', 'event');
    this.#left = newSide('left', leftKey, { lower, upper }, context);
    this.#right = newSide('right', rightKey, { lower: -upper, upper: -lower }, context);
    this.inputs = [this.#input(this.#left, this.#right), this.#input(this.#right, this.#left)];
  }

  override watermark(at: Timestamp): void {
    if (at > this.#running.watermark) {
      this.#running.watermark = at;
      for (let timer = this.#timers.poll(at); timer !== undefined; timer = this.#timers.poll(at)) {
        this.#cleanUp(timer.namespace === 'left' ? this.#left : this.#right, timer.key, at);
      }
    }
    super.watermark(at);
  }

  #input(own: Side, other: Side): RecordOutput {
    return { record: (value, timestamp) => this.#record(value, timestamp, own, other) };
  }

  #record(value: unknown, timestamp: Timestamp, own: Side, other: Side): void {
    this.metrics.recordsIn++;
    let key: StateKey;
    try {
      needTimestamp(timestamp);
      key = stateKeyOf(own.key.of(value));
    } catch (error) {
      this.context.poison(error, value, timestamp);
      return;
    }
    if (timestamp < this.#running.watermark) {
      this.metrics.late++;
      own.late.record(value, timestamp);
      return;
    }
    this.#keep(own, key, value, timestamp);
    const met = other.records.cell(key, VOID_NAMESPACE)?.value;
    if (met !== undefined) this.#meet(own, key, value, timestamp, met);
  }

  #keep(own: Side, key: StateKey, value: unknown, timestamp: Timestamp): void {
    const cell = own.records.cell(key, VOID_NAMESPACE) ?? own.records.insert(key, VOID_NAMESPACE, newSortedRecords());
    if (insertSorted(cell.value, value, timestamp) === 0) this.#timers.set(addMs(timestamp, own.keepMs), key, own.name);
    own.records.changed(cell);
  }

  #meet(own: Side, key: StateKey, value: unknown, timestamp: Timestamp, met: SortedRecords): void {
    const { timestamps, values } = met;
    const end = firstAfter(timestamps, timestamp + own.upper);
    for (let place = firstFrom(timestamps, timestamp + own.lower); place < end; place++) {
      const at = timestamps[place] as Timestamp;
      if (own === this.#left) this.#join(key, value, values[place], timestamp, at);
      else this.#join(key, values[place], value, at, timestamp);
    }
  }

  #join(key: StateKey, left: unknown, right: unknown, leftTimestamp: Timestamp, rightTimestamp: Timestamp): void {
    const later = Math.max(leftTimestamp, rightTimestamp);
    this.#running.at(later);
    this.#pair.key = userKeyOf(key);
    this.#pair.leftTimestamp = leftTimestamp;
    this.#pair.rightTimestamp = rightTimestamp;
    try {
      const { join } = this.#descriptor;
      const joined = expectPlain(join(left, right, this.#pair as Parameters<typeof join>[2]), this.context.uid, 'join');
      if (joined !== undefined) this.#running.emit(joined);
    } catch (error) {
      this.context.poison(error, { left, right }, later);
    }
  }

  /** Drops what no record can meet any more. */
  #cleanUp(side: Side, key: StateKey, watermark: Timestamp): void {
    const cell = side.records.cell(key, VOID_NAMESPACE);
    if (cell === undefined) return;
    const { timestamps, values } = cell.value;
    const gone = firstAfter(timestamps, watermark - side.keepMs);
    if (gone === timestamps.length) {
      side.records.remove(cell);
      return;
    }
    timestamps.splice(0, gone);
    values.splice(0, gone);
    side.records.changed(cell);
    this.#timers.set(addMs(timestamps[0] as Timestamp, side.keepMs), key, side.name);
  }
}

/** One input: its interval on the other's time, and how long after its timestamp a record is kept. */
type Side = {
  readonly name: 'left' | 'right';
  readonly key: KeySelector<Untyped>;
  readonly lower: number;
  readonly upper: number;
  readonly keepMs: number;
  readonly records: StateTable<SortedRecords>;
  readonly late: RecordOutput;
};

function newSide(
  name: 'left' | 'right',
  key: KeySelector<Untyped>,
  interval: Interval,
  context: OperatorContext,
): Side {
  return {
    name,
    key,
    lower: interval.lower,
    upper: interval.upper,
    keepMs: Math.max(0, interval.upper),
    records: context.state.table<SortedRecords>({ name }),
    late: context.side(name === 'left' ? 'lateLeft' : 'lateRight'),
  };
}

/** Both ends included: an excluded bound is one millisecond further in. */
type Interval = { readonly lower: number; readonly upper: number };

function intervalOf(descriptor: IntervalJoinDescriptor, uid: string): Interval {
  const { lowerMs, upperMs, lowerInclusive, upperInclusive } = descriptor;
  if (lowerMs > upperMs) {
    const message = `the lower bound of an interval join, ${lowerMs} ms, must not be above the upper one, ${upperMs} ms`;
    throw new JobSpecError([{ path: uid, message }]);
  }
  return { lower: lowerInclusive ? lowerMs : lowerMs + 1, upper: upperInclusive ? upperMs : upperMs - 1 };
}
