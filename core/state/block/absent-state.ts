import type { StateKey } from '../../codec/key.ts';
import { RetryableError } from '../../error/error.ts';
import type { Timestamp } from '../../time/timestamp.ts';
import type { Namespace } from '../state-table.ts';

/** What an operator wanted that is in no loaded block. */
export type AbsentState =
  | {
      readonly kind: 'cell';
      readonly uid: string;
      readonly name: string;
      readonly key: StateKey;
      readonly namespace: Namespace;
    }
  /** All cells of a namespace; without one, all of the table. */
  | { readonly kind: 'walk'; readonly uid: string; readonly name: string; readonly namespace?: Namespace }
  | { readonly kind: 'timers'; readonly uid: string; readonly name: string; readonly upTo: Timestamp };

/**
 * State that is not in memory was read. It blames no record (`isFatal`), so no operator makes a poison record of it: the
 * task discards what the part has done, awaits `TaskState.load` of this error, and runs the part again.
 */
export class AbsentStateError extends RetryableError {
  readonly absent: AbsentState;

  constructor(absent: AbsentState) {
    super(
      `state "${absent.name}" of operator "${absent.uid}" is not loaded; discard the part, load it and run the part again`,
    );
    this.absent = absent;
  }
}
