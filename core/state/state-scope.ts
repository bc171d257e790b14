import { type Key, type StateKey, userKeyOf } from '../codec/key.ts';
import { JobSpecError } from '../error/error.ts';
import type { Clock } from '../port/clock.ts';
import { NO_TIMESTAMP, type Timestamp } from '../time/timestamp.ts';
import type { StateBackend } from './state-backend.ts';

/**
 * What the state handles of one operator share: where state lives, and the key at hand.
 *
 * An operator selects the key of each record or timer before it calls the user's function. A handle looks its cell up
 * once for each selection, which it knows by `selection`, a number that rises.
 */
export class StateScope {
  readonly backend: StateBackend;
  readonly clock: Clock;
  /** Undefined while no key is at hand: in `open`, on the broadcast side, in functions that are not keyed. */
  key: StateKey | undefined = undefined;
  selection = 0;
  /** Of the record or timer at hand. */
  timestamp: Timestamp = NO_TIMESTAMP;
  /** True while a record of the broadcast side is handled: only then broadcast state may change. */
  broadcasting = false;

  constructor(backend: StateBackend, clock: Clock) {
    this.backend = backend;
    this.clock = clock;
  }

  select(key: StateKey | undefined): void {
    this.key = key;
    this.selection++;
  }

  /** The user's key of the one at hand. */
  get userKey(): Key | undefined {
    return this.key === undefined ? undefined : userKeyOf(this.key);
  }
}

/**
 * A declared state: a description, and once it is bound the state itself. `redeclare` makes one of the same description,
 * so that each subtask of a function that was written as a plain object has handles of its own.
 */
export interface StateHandle {
  readonly name: string;
  bind(scope: StateScope): void;
  redeclare(): StateHandle;
}

let active: StateScope | undefined;

/**
 * Runs `make`, binding to `scope` each state that is declared while it runs: the fields of the class whose instance it
 * makes. (Fields cannot be found afterwards, since private ones are hidden.)
 */
export function withStateBuilder<T>(scope: StateScope, make: () => T): T {
  const outer = active;
  active = scope;
  try {
    return make();
  } finally {
    active = outer;
  }
}

/** Binds a handle if a function is being made; otherwise it is a mere declaration that {@link redeclareAll} takes. */
export function declared<H extends StateHandle>(handle: H): H {
  if (active !== undefined) handle.bind(active);
  return handle;
}

/** Fresh handles of the same declarations, bound to the function being made. */
export function redeclareAll<States extends { readonly [name: string]: StateHandle }>(states: States): States {
  const fresh = Object.entries(states).map(([name, handle]) => [name, declared(handle.redeclare())] as const);
  return Object.fromEntries(fresh) as States;
}

export function unbound(name: string): JobSpecError {
  return refusal(
    name,
    'was used before it was bound; declare it as a field of the class (readonly x = state.value(…)) or under "state" of a function object, and let the job make the instance',
  );
}

export function noKey(name: string): JobSpecError {
  return refusal(
    name,
    'belongs to a key, and no key is at hand here; use it in process or onTimer of a keyed function, or visit all keys with forEachKey',
  );
}

export function refusal(name: string, message: string): JobSpecError {
  return new JobSpecError([{ path: `state.${name}`, message }]);
}
