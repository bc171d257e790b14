import type { OperatorDescriptor, WindowDescriptor } from '../operator/descriptor.ts';
import type { Clock } from '../port/clock.ts';
import type { StateBackend } from '../state/state-backend.ts';
import { StateScope, withStateBuilder } from '../state/state-scope.ts';

/** One state of an operator: its name, and in words what it holds. */
export type HeldState = { readonly name: string; readonly holds: string };

/**
 * What state an operator holds. For process functions one instance is made and its declarations are noted; one that
 * cannot be made without a job around it is told as such.
 */
export function heldStateOf(operator: OperatorDescriptor): readonly HeldState[] {
  switch (operator.kind) {
    case 'reduce':
      return [{ name: 'reduced', holds: 'a record per key' }];
    case 'window':
      return [{ name: 'window', holds: windowContents(operator) }];
    case 'coGroup':
      return [{ name: 'window', holds: 'the records of both sides per key and window' }];
    case 'intervalJoin':
      return [{ name: 'buffers', holds: 'the records of both sides per key, as long as the interval' }];
    case 'process':
    case 'keyedProcess':
    case 'coProcess':
    case 'keyedCoProcess':
    case 'broadcastProcess':
    case 'keyedBroadcastProcess':
      return declaredBy(operator.create);
    default:
      return [];
  }
}

function windowContents({ key, assigner, evictor, computation }: WindowDescriptor): string {
  const per = key === undefined ? 'per window' : 'per key and window';
  if (evictor !== undefined || computation.kind === 'process') return `the records ${per}`;
  const what = computation.kind === 'reduce' ? 'a record' : 'an accumulator';
  return assigner.kind === 'sliding'
    ? `${what} ${key === undefined ? 'per pane' : 'per key and pane'}`
    : `${what} ${per}`;
}

function declaredBy(create: () => unknown): readonly HeldState[] {
  const declared: HeldState[] = [];
  const scope = new StateScope(notingBackend(declared), STILL);
  try {
    withStateBuilder(scope, create);
  } catch {
    declared.push({ name: '?', holds: 'unknown: its function could not be made while the job was planned' });
  }
  return declared;
}

/** The clock of a time when nothing runs. */
const STILL: Clock = { now: () => 0, elapsedMs: () => 0, after: () => () => {} };

/** Notes what is asked for. Nothing is ever stored: a function is made, but gets no record. */
function notingBackend(declared: HeldState[]): StateBackend {
  return {
    table({ name }) {
      declared.push({ name, holds: 'a value per key' });
      return {
        cell: () => undefined,
        insert: notRunning,
        changed() {},
        remove() {},
        removeAll() {},
        cellsIn: () => [],
        cellsAtHand: () => [],
        namespaces: () => [],
        size: 0,
      };
    },
    timers: notRunning,
    list({ name }, distribution) {
      const holds = distribution === 'broadcast' ? 'broadcast state' : `a list per subtask (${distribution})`;
      declared.push({ name, holds });
      return { get: () => [], add() {}, update() {} };
    },
  };
}

function notRunning(): never {
  throw new Error('state is only declared while a job is planned; use it in open or process');
}
