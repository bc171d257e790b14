import type { Key } from '../codec/key.ts';
import { type Made, makerOf } from '../job/process-form.ts';
import { createOperator } from '../operator/create-operator.ts';
import type { OperatorDescriptor } from '../operator/descriptor.ts';
import type { KeySelector } from '../operator/key-selector.ts';
import type {
  BroadcastProcessFunction,
  CoProcessFunction,
  KeyedBroadcastProcessFunction,
  KeyedCoProcessFunction,
  KeyedProcessFunction,
  ProcessFunction,
} from '../operator/process-function.ts';
import { OperatorHarness, type OperatorHarnessOptions } from './operator-harness.ts';

/**
 * Harnesses of process functions (Flink: ProcessFunctionTestHarnesses). The function is given as to a stream: its class,
 * a function that makes one, or the object.
 *
 * @example
 * const spikes = keyedProcessHarness(Spikes, { keyBy: (page: PageCount) => page.page });
 * spikes.record({ page: '/home', views: 40 }, 9_999);
 * spikes.values(); // what it emitted
 * spikes.state('usual'); // [{ key: '/home', namespace: '', value: 40 }]
 */
export type HarnessOptions = Omit<OperatorHarnessOptions, 'create'>;
type Keyed<In, K extends Key> = HarnessOptions & { readonly keyBy: (value: In) => K };
type KeyedAlike<Left, Right, K extends Key> = HarnessOptions & {
  readonly keyBy: readonly [left: (value: Left) => K, right: (value: Right) => K];
};

/** A harness of any operator that a graph can have. */
export function operatorHarness<Out = unknown>(
  operator: OperatorDescriptor,
  options: HarnessOptions = {},
): OperatorHarness<Out> {
  return new OperatorHarness<Out>({ ...options, create: (context) => createOperator(operator, context) });
}

/** A harness of a process function on a stream that is not keyed. */
export function processHarness<In, Out>(
  made: Made<ProcessFunction<In, Out>>,
  options: HarnessOptions = {},
): OperatorHarness<Out> {
  return operatorHarness({ kind: 'process', create: makerOf(made) }, options);
}

/** A harness of a keyed process function; `keyBy` gives the key of a record. */
export function keyedProcessHarness<K extends Key, In, Out>(
  made: Made<KeyedProcessFunction<K, In, Out>>,
  { keyBy, ...options }: Keyed<In, K>,
): OperatorHarness<Out> {
  return operatorHarness({ kind: 'keyedProcess', key: selectorOf(keyBy), create: makerOf(made) }, options);
}

/** Port 0 is the left input, port 1 the right one. */
export function coProcessHarness<Left, Right, Out>(
  made: Made<CoProcessFunction<Left, Right, Out>>,
  options: HarnessOptions = {},
): OperatorHarness<Out> {
  return operatorHarness({ kind: 'coProcess', create: makerOf(made) }, options);
}

/** Port 0 is the left input, port 1 the right one. */
export function keyedCoProcessHarness<K extends Key, Left, Right, Out>(
  made: Made<KeyedCoProcessFunction<K, Left, Right, Out>>,
  { keyBy: [left, right], ...options }: KeyedAlike<Left, Right, K>,
): OperatorHarness<Out> {
  const keys = [selectorOf(left), selectorOf(right)] as const;
  return operatorHarness({ kind: 'keyedCoProcess', keys, create: makerOf(made) }, options);
}

/** Port 0 is the stream, port 1 the broadcast one. */
export function broadcastProcessHarness<In, Rule, Out>(
  made: Made<BroadcastProcessFunction<In, Rule, Out>>,
  options: HarnessOptions = {},
): OperatorHarness<Out> {
  return operatorHarness({ kind: 'broadcastProcess', create: makerOf(made) }, options);
}

/** Port 0 is the stream, port 1 the broadcast one. */
export function keyedBroadcastProcessHarness<K extends Key, In, Rule, Out>(
  made: Made<KeyedBroadcastProcessFunction<K, In, Rule, Out>>,
  { keyBy, ...options }: Keyed<In, K>,
): OperatorHarness<Out> {
  return operatorHarness({ kind: 'keyedBroadcastProcess', key: selectorOf(keyBy), create: makerOf(made) }, options);
}

function selectorOf<In, K extends Key>(of: (value: In) => K): KeySelector<In> {
  return { of, columns: ['key'] };
}
