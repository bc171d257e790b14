import type { Key } from '../codec/key.ts';
import type {
  BroadcastProcessFunction,
  Context,
  CoProcessFunction,
  KeyedBroadcastProcessFunction,
  KeyedContext,
  KeyedCoProcessFunction,
  KeyedProcessFunction,
  ProcessFunction,
} from '../operator/process-function.ts';

/**
 * Base classes of process functions. State is declared as fields, so that its types, names and versions stand in one
 * place; there is one instance per subtask. Each may also have `open(subtask)`, `close()` and, where it is keyed,
 * `onTimer(at, context: TimerContext<K, Out>)`. They are not declared here, so that writing one needs no `override`;
 * their types are checked where the class is given to a stream.
 */

/** Records of a stream that is not keyed: no timers, no keyed state. */
export abstract class Process<In, Out> implements ProcessFunction<In, Out> {
  declare readonly '~in'?: (value: In) => void;
  abstract process(value: In, context: Context<Out>): void;
}

/**
 * Records of a keyed stream, with state and timers per key.
 *
 * @example
 * class Spikes extends KeyedProcess<string, PageCount, Spike> {
 *   readonly usual = state.value<number>('usual', { default: 0, ttl: '1d' });
 *
 *   process(page: PageCount, { key, timers, emit }: KeyedContext<string, Spike>) {
 *     if (page.views > 3 * this.usual.get()) emit({ page: key, views: page.views });
 *     this.usual.set(0.9 * this.usual.get() + 0.1 * page.views);
 *     timers.eventTime(page.windowEnd + minutes(5));
 *   }
 * }
 */
export abstract class KeyedProcess<K extends Key, In, Out> implements KeyedProcessFunction<K, In, Out> {
  declare readonly '~keyed'?: true;
  declare readonly '~in'?: (value: In) => void;
  abstract process(value: In, context: KeyedContext<K, Out>): void;
}

/** Two connected streams that are not keyed. */
export abstract class CoProcess<Left, Right, Out> implements CoProcessFunction<Left, Right, Out> {
  declare readonly '~in'?: (left: Left, right: Right) => void;
  abstract processLeft(value: Left, context: Context<Out>): void;
  abstract processRight(value: Right, context: Context<Out>): void;
}

/** Two connected streams keyed alike: state and timers of a key are shared between them. */
export abstract class KeyedCoProcess<K extends Key, Left, Right, Out>
  implements KeyedCoProcessFunction<K, Left, Right, Out>
{
  declare readonly '~keyed'?: true;
  declare readonly '~in'?: (left: Left, right: Right) => void;
  abstract processLeft(value: Left, context: KeyedContext<K, Out>): void;
  abstract processRight(value: Right, context: KeyedContext<K, Out>): void;
}

/** A stream beside a broadcast one, whose records every subtask gets. */
export abstract class BroadcastProcess<In, Rule, Out> implements BroadcastProcessFunction<In, Rule, Out> {
  declare readonly '~in'?: (value: In, rule: Rule) => void;
  abstract process(value: In, context: Context<Out>): void;
  abstract processBroadcast(rule: Rule, context: Context<Out>): void;
}

/** A keyed stream beside a broadcast one. */
export abstract class KeyedBroadcastProcess<K extends Key, In, Rule, Out>
  implements KeyedBroadcastProcessFunction<K, In, Rule, Out>
{
  declare readonly '~keyed'?: true;
  declare readonly '~in'?: (value: In, rule: Rule) => void;
  abstract process(value: In, context: KeyedContext<K, Out>): void;
  abstract processBroadcast(rule: Rule, context: Context<Out>): void;
}
