import { JobSpecError } from '../error/error.ts';
import type { Job } from '../job/job.ts';
import type { LocalRun } from '../local/local-run.ts';
import { runLocal } from '../local/run-local.ts';
import type { Timestamp } from '../time/timestamp.ts';
import { type CollectedJob, collectedJob, type Outputs } from './collected-job.ts';
import { FedSource } from './fed-source.ts';
import { ManualClock } from './manual-clock.ts';
import type { JobResult } from './run-job.ts';

/** How a {@link JobHarness} begins. */
export type JobHarnessOptions = {
  /** Processing time at the start, in epoch milliseconds; 0 unless said. */
  readonly now?: Timestamp;
  /** Side outputs to collect that no sink of the job takes, such as `perPage.late`. */
  readonly sides?: readonly string[];
  /** After every record all state is written, thrown away and read back: nothing may change. */
  readonly restoreEveryRecord?: boolean;
};

/**
 * A whole job driven by hand: records are sent to its sources one call after another, the clock moves when told, and in
 * between one looks at what the sinks have. To run a job on what is known beforehand, {@link runJob} is less to write.
 *
 * @example
 * const harness = await JobHarness.start(pageViews, { now: 0 });
 * await harness.send('clicks', click);
 * await harness.moveTo(minutes(5)); // processing-time timers up to there fire
 * harness.sinks.table; // what has come so far
 * await harness.finish(); // the last watermark: open windows fire
 */
export class JobHarness<Results = { readonly [sink: string]: unknown }> implements Outputs<Results> {
  readonly clock: ManualClock;
  readonly sinks: Outputs<Results>['sinks'];
  readonly sides: Outputs<Results>['sides'];
  readonly deadLetters: Outputs<Results>['deadLetters'];
  readonly #sources: ReadonlyMap<string, FedSource>;
  readonly #run: LocalRun;

  private constructor(
    { outputs }: CollectedJob<Results>,
    driven: { readonly sources: ReadonlyMap<string, FedSource>; readonly clock: ManualClock; readonly run: LocalRun },
  ) {
    this.sinks = outputs.sinks;
    this.sides = outputs.sides;
    this.deadLetters = outputs.deadLetters;
    this.clock = driven.clock;
    this.#sources = driven.sources;
    this.#run = driven.run;
  }

  /** Starts a job in one thread; all its sources wait for {@link send}. */
  static async start<Results = { readonly [sink: string]: unknown }>(
    { graph }: Job,
    { now = 0, sides = [], ...options }: JobHarnessOptions = {},
  ): Promise<JobHarness<Results>> {
    const names = graph.nodes.filter(({ kind }) => kind === 'source').map(({ uid }) => uid);
    const sources = new Map(names.map((name) => [name, new FedSource()]));
    const collected = collectedJob<Results>(graph, { sources: Object.fromEntries(sources), sides });
    const clock = new ManualClock(now);
    const { deadLetters } = collected;
    const run = await runLocal(collected.graph, { ...options, parallelism: 1, clock, deadLetters });
    return new JobHarness<Results>(collected, { sources, clock, run });
  }

  /**
   * Gives a source records, and waits until the job has worked them off, async calls included: what those wait for must
   * come by itself, since the clock stands.
   *
   * @throws JobSpecError where the job has no such source, and whatever stops the job
   */
  async send(source: string, ...records: readonly unknown[]): Promise<void> {
    const fed = this.#sources.get(source);
    if (fed === undefined) throw unknownSource(source, [...this.#sources.keys()]);
    fed.send(records);
    await this.#settle();
  }

  /** Moves processing time; timers and alarms up to there have fired when it resolves. */
  async moveTo(now: Timestamp): Promise<void> {
    this.clock.moveTo(now);
    await this.#settle();
  }

  /** Ends all sources: the last watermark comes, open windows fire, the sinks have everything. */
  async finish(): Promise<JobResult<Results>> {
    for (const source of this.#sources.values()) source.end();
    const { metrics } = await this.#run.done;
    const { sinks, sides, deadLetters } = this;
    return { sinks, sides, deadLetters, metrics: Object.fromEntries(metrics.map((node) => [node.uid, node])) };
  }

  /** Ends the job where it stands, without a last watermark. */
  async stop(): Promise<void> {
    await this.#run.stop({ savepoint: false });
  }

  /** A checkpoint comes to rest: whatever was read is worked off, down to the sinks. */
  async #settle(): Promise<void> {
    await Promise.race([this.#run.done, Promise.all([...this.#sources.values()].map(({ taken }) => taken))]);
    // Where the job has failed, its own error says more than that it is over.
    await this.#run.checkpoint().catch((error) => this.#run.done.then(() => Promise.reject(error)));
  }
}

function unknownSource(name: string, known: readonly string[]): JobSpecError {
  return new JobSpecError([
    { path: `sources.${name}`, message: `the job has no such source; it has ${known.join(', ')}` },
  ]);
}
