import { AssignTimestampsOperator } from './assign-timestamps.ts';
import { AsyncOperator } from './async.ts';
import { BroadcastProcessOperator } from './broadcast-process.ts';
import { CoFlatMapOperator } from './co-flat-map.ts';
import { CoMapOperator } from './co-map.ts';
import { CoProcessOperator } from './co-process.ts';
import type { OperatorDescriptor } from './descriptor.ts';
import { FilterOperator } from './filter.ts';
import { FlatMapOperator } from './flat-map.ts';
import { IntervalJoinOperator } from './interval-join.ts';
import { KeyedBroadcastProcessOperator } from './keyed-broadcast-process.ts';
import { KeyedCoProcessOperator } from './keyed-co-process.ts';
import { KeyedProcessOperator } from './keyed-process.ts';
import { MapOperator } from './map.ts';
import type { Operator, OperatorContext } from './operator.ts';
import { ProcessOperator } from './process.ts';
import { ReduceOperator } from './reduce.ts';
import { createCoGroupOperator, createWindowOperator } from './window/create-window-operator.ts';

/**
 * The running operator of a descriptor, over the state of its context.
 *
 * @throws JobSpecError where the descriptor cannot be run, such as an interval join whose lower bound is above the upper
 */
export function createOperator(descriptor: OperatorDescriptor, context: OperatorContext): Operator {
  switch (descriptor.kind) {
    case 'map':
      return new MapOperator(descriptor, context);
    case 'filter':
      return new FilterOperator(descriptor, context);
    case 'flatMap':
      return new FlatMapOperator(descriptor, context);
    case 'assignTimestamps':
      return new AssignTimestampsOperator(descriptor, context);
    case 'process':
      return new ProcessOperator(descriptor, context);
    case 'keyedProcess':
      return new KeyedProcessOperator(descriptor, context);
    case 'reduce':
      return new ReduceOperator(descriptor, context);
    case 'window':
      return createWindowOperator(descriptor, context);
    case 'coGroup':
      return createCoGroupOperator(descriptor, context);
    case 'intervalJoin':
      return new IntervalJoinOperator(descriptor, context);
    case 'coMap':
      return new CoMapOperator(descriptor, context);
    case 'coFlatMap':
      return new CoFlatMapOperator(descriptor, context);
    case 'coProcess':
      return new CoProcessOperator(descriptor, context);
    case 'keyedCoProcess':
      return new KeyedCoProcessOperator(descriptor, context);
    case 'broadcastProcess':
      return new BroadcastProcessOperator(descriptor, context);
    case 'keyedBroadcastProcess':
      return new KeyedBroadcastProcessOperator(descriptor, context);
    case 'async':
      return new AsyncOperator(descriptor, context);
  }
}
