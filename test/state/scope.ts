import { decodeValue, encodeValue } from '../../core/codec/value-codec.ts';
import { MemoryBackend } from '../../core/state/memory-backend.ts';
import type { StateSnapshot } from '../../core/state/state-backend.ts';
import { StateScope, withStateBuilder } from '../../core/state/state-scope.ts';
import { ManualClock } from '../../core/testing/manual-clock.ts';
import { restoreEveryRecord } from '../restore-mode.ts';

/** States over a memory backend, with the key selected by hand. */
export class Bench<States> {
  readonly clock = new ManualClock(1_000);
  readonly #declare: () => States;
  #backend = new MemoryBackend();
  #scope = new StateScope(this.#backend, this.clock);
  #states: States;

  constructor(declare: () => States, restored?: StateSnapshot) {
    this.#declare = declare;
    this.#states = this.#make(restored);
  }

  /** The states with that key at hand; restored from a snapshot first, in the mode that does so. */
  at(key: string | undefined): States {
    if (restoreEveryRecord) this.#states = this.#make(this.snapshot());
    this.#scope.select(key);
    return this.#states;
  }

  get scope(): StateScope {
    return this.#scope;
  }

  get size(): number {
    return this.#backend.size;
  }

  snapshot(): StateSnapshot {
    return decodeValue(encodeValue(this.#backend.snapshot())) as StateSnapshot;
  }

  #make(restored?: StateSnapshot): States {
    this.#backend = new MemoryBackend(restored === undefined ? [] : [restored]);
    this.#scope = new StateScope(this.#backend, this.clock);
    return withStateBuilder(this.#scope, this.#declare);
  }
}
