import type { OperatorDescriptor } from '../operator/descriptor.ts';
import { LATE_OUTPUT } from '../operator/descriptor.ts';
import type { KeySelector } from '../operator/key-selector.ts';
import type { WindowAssigner } from '../window/window-assigner.ts';

/** What checks and plans need to know of an operator, by its kind. */

/** The key selector of each input port that is keyed; empty where the operator is not keyed. */
export function keysOf(operator: OperatorDescriptor): readonly (KeySelector | undefined)[] {
  switch (operator.kind) {
    case 'keyedProcess':
    case 'reduce':
      return [operator.key];
    case 'window':
      return operator.key === undefined ? [] : [operator.key];
    case 'coGroup':
    case 'intervalJoin':
    case 'keyedCoProcess':
      return operator.keys;
    case 'keyedBroadcastProcess':
      return [operator.key, undefined];
    default:
      return [];
  }
}

/** How many input ports an operator has: 1 or 2. */
export function portsOf(operator: OperatorDescriptor): 1 | 2 {
  switch (operator.kind) {
    case 'coGroup':
    case 'intervalJoin':
    case 'coMap':
    case 'coFlatMap':
    case 'coProcess':
    case 'keyedCoProcess':
    case 'broadcastProcess':
    case 'keyedBroadcastProcess':
      return 2;
    default:
      return 1;
  }
}

/** The side outputs of an operator: their names, or `any` where the user's function makes them up. */
export function sideOutputsOf(operator: OperatorDescriptor): readonly string[] | 'any' {
  switch (operator.kind) {
    case 'process':
    case 'keyedProcess':
    case 'coProcess':
    case 'keyedCoProcess':
    case 'broadcastProcess':
    case 'keyedBroadcastProcess':
      return 'any';
    case 'window': {
      const { computation } = operator;
      if (computation.kind === 'process') return 'any';
      const isRow = computation.kind === 'aggregate' && computation.makesRow === true;
      return computation.result === undefined || isRow ? [LATE_OUTPUT] : 'any';
    }
    case 'coGroup':
      return [LATE_OUTPUT];
    case 'intervalJoin':
      return ['lateLeft', 'lateRight'];
    default:
      return [];
  }
}

/** True where an operator keeps state between records, so that its uid must outlive versions of the job. */
export function holdsState(operator: OperatorDescriptor): boolean {
  switch (operator.kind) {
    case 'keyedProcess':
    case 'reduce':
    case 'window':
    case 'coGroup':
    case 'intervalJoin':
    case 'keyedCoProcess':
    case 'broadcastProcess':
    case 'keyedBroadcastProcess':
      return true;
    default:
      return false;
  }
}

/** Why an operator cannot do without event time; undefined where it can. */
export function eventTimeNeed(operator: OperatorDescriptor): string | undefined {
  switch (operator.kind) {
    case 'window':
    case 'coGroup':
      return 'time' in operator.assigner && operator.assigner.time === 'event' ? 'an event-time window' : undefined;
    case 'intervalJoin':
      return 'an interval join';
    default:
      return undefined;
  }
}

/** The window assigner of an operator that has one. */
export function assignerOf(operator: OperatorDescriptor): WindowAssigner | undefined {
  return operator.kind === 'window' || operator.kind === 'coGroup' ? operator.assigner : undefined;
}
