import { decodeValue, encodeValue } from '../../core/codec/value-codec.ts';
import { MemoryBackend } from '../../core/state/memory-backend.ts';
import type { StateBackend, StateSnapshot } from '../../core/state/state-backend.ts';
import { StateScope, withStateBuilder } from '../../core/state/state-scope.ts';
import { ManualClock } from '../../core/testing/manual-clock.ts';
import { BlockHarnessState } from '../block-state.ts';
import { restoreEveryRecord, stateInBlocks } from '../restore-mode.ts';

/** Sizes with which a task keeps all in memory, so that a handle can be called without a task that loads for it. */
const IN_MEMORY = { cacheBytes: 1e7, wholeBytes: 1e6 };

/** States over a memory backend, with the key selected by hand. */
export class Bench<States> {
  readonly clock = new ManualClock(1_000);
  readonly #declare: () => States;
  #backend = new MemoryBackend();
  #blocks: BlockHarnessState | undefined;
  #scope = new StateScope(this.#backend, this.clock);
  #states: States;

  constructor(declare: () => States, restored?: StateSnapshot) {
    this.#declare = declare;
    this.#states = this.#make(restored);
  }

  /** The states with that key at hand; restored from a snapshot first, in the mode that does so. */
  at(key: string | undefined): States {
    if (restoreEveryRecord) this.#states = this.#make(this.snapshot());
    else if (this.#blocks?.settle()) this.#states = this.#declareOver(this.#blocks.backend());
    this.#scope.select(key);
    return this.#states;
  }

  get scope(): StateScope {
    return this.#scope;
  }

  get size(): number {
    return this.#blocks?.entries ?? this.#backend.size;
  }

  snapshot(): StateSnapshot {
    return decodeValue(encodeValue((this.#blocks ?? this.#backend).snapshot())) as StateSnapshot;
  }

  #make(restored?: StateSnapshot): States {
    this.#backend = new MemoryBackend(restored === undefined ? [] : [restored]);
    // A snapshot of memory is restored into memory in every mode.
    this.#blocks = stateInBlocks && restored === undefined ? new BlockHarnessState('bench', IN_MEMORY) : undefined;
    return this.#declareOver(this.#blocks?.backend() ?? this.#backend);
  }

  #declareOver(backend: StateBackend): States {
    this.#scope = new StateScope(backend, this.clock);
    return withStateBuilder(this.#scope, this.#declare);
  }
}
