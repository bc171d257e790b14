import { type Random, seededRandom } from '../../core/port/random.ts';
import type { Faults } from './scheduler.ts';

/** What happens to a job, all of it from one seed. */
export type History = {
  readonly seed: number;
  readonly records: number;
  readonly shards: { readonly [stage: string]: number };
  /** Entries of a batch at most. */
  readonly batch: number;
  readonly faults: Faults;
  readonly stream: { readonly disorder: number; readonly refused: number };
  /** Probabilities at each step. */
  readonly events: {
    readonly kill: number;
    readonly zombie: number;
    readonly sleep: number;
    readonly tick: number;
    readonly collect: number;
  };
  readonly limits: {
    readonly inlineBytes: number;
    readonly frameRecords: number;
    readonly partRecords: number;
    readonly compactAfter: number;
  };
};

export function historyOf(seed: number, stages: readonly string[]): History {
  const random = seededRandom(seed * 7919 + 17);
  const sometimes = (probability: number) => (random.next() < 0.5 ? probability : 0);
  const sleeps = random.next() < 0.3;
  return {
    seed,
    records: integer(random, 10, 60),
    shards: Object.fromEntries(stages.map((stage) => [stage, integer(random, 1, 3)])),
    batch: integer(random, 1, 8),
    faults: { lostAnswer: sometimes(0.04), late: sometimes(0.04), throttled: sometimes(0.05) },
    stream: { disorder: sometimes(0.3), refused: sometimes(0.2) },
    events: {
      kill: sometimes(0.02),
      zombie: sometimes(0.02),
      sleep: sleeps ? 0.004 : 0,
      tick: sometimes(0.02),
      collect: sleeps ? 0.02 : 0,
    },
    limits: {
      inlineBytes: random.next() < 0.5 ? 8_192 : 200,
      frameRecords: integer(random, 1, 4),
      partRecords: integer(random, 3, 30),
      compactAfter: integer(random, 2, 10),
    },
  };
}

function integer(random: Random, from: number, to: number): number {
  return from + Math.floor(random.next() * (to - from + 1));
}
