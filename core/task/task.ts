import { FencedError, RetryableError } from '../error/error.ts';
import { AbsentStateError } from '../state/block/absent-state.ts';
import type { Timestamp } from '../time/timestamp.ts';
import type { CommitRow, Position, Trying } from './commit-row.ts';
import { type InputEntry, isAfter, type TaskInput } from './input.ts';
import { isEmpty } from './outbox.ts';
import { isNews, rowOf } from './part.ts';
import type { StageChain } from './stage-chain.ts';
import type { TaskContext } from './task-context.ts';
import type { TaskMemory, TaskTime } from './task-memory.ts';
import { logOf, producerOf } from './task-name.ts';
import { type Counts, newCounts, type TaskReport } from './task-report.ts';
import { isLimited, nextTry, shareOf, tryAfter } from './trying.ts';

/**
 * One task, as an instance remembers it: what its log says up to row n, and the operators that stand there.
 *
 *     announce, if it is new here ▸ publish what is left ▸ take entries ▸ drain ▸ cut ▸ one row ▸ publish
 *
 * P1, P3  A part of a batch, or a tick, is one row: position, state, timers, watermarks and outputs change together. Parts
 *         end between entries, and between records only while one is looked for that kills the process.
 * P2      An instance that lost row n + 1, or does not know, forgets the task: only the log knows.
 * P5      Nothing leaves before its row is written. What is above `publishedUpTo` leaves first, oldest first, and a step
 *         that returns has seen all of it acknowledged.
 * P10     Memory that is too old writes nothing.
 */
export class Task {
  protected readonly context: TaskContext;
  protected readonly memory: TaskMemory;
  #chain: StageChain;
  #input: TaskInput;
  #isBroken = false;
  #counts = newCounts();

  constructor(context: TaskContext, memory: TaskMemory) {
    this.context = context;
    this.memory = memory;
    const { chain, input } = context.build(memory);
    this.#chain = chain;
    this.#input = input;
  }

  /** What is remembered is what the log says, and may be written by. */
  get isUsable(): boolean {
    return !this.#isBroken && !this.memory.trust.isOver;
  }

  /** Handles entries; gives the first that is not committed when time was up. */
  async batch(entries: readonly InputEntry[], deadline: Timestamp): Promise<InputEntry | undefined> {
    let left = this.#newOf(entries);
    if (left.length > 0) await this.#announce();
    await this.publishLeft();
    if (left.length === 0 && !this.#isBehind) await this.#checkHead();
    while (left.length > 0 || this.#isBehind) {
      await this.#part(left, deadline);
      left = this.#newOf(left);
      if (this.context.clock.now() >= deadline) break;
    }
    await this.#compactIfDue();
    return left[0] ?? (this.#isBehind ? entries.at(-1) : undefined);
  }

  /** Fires what is due though no data came, tells time that is owed, and looks whether a source is idle. */
  async tick(deadline: Timestamp): Promise<void> {
    await this.publishLeft();
    const { n } = this.memory;
    do await this.#part([], deadline);
    while (this.#isBehind && this.context.clock.now() < deadline);
    if (this.memory.n === n) await this.#checkHead();
    if (this.memory.kind === 'tick') await this.#note('commit', this.memory.trying);
    await this.#compactIfDue();
  }

  close(): void {
    this.#chain.close();
  }

  /** What was done since this was last asked. */
  takeReport(): TaskReport {
    const { time, state } = this.memory;
    const counts = this.#counts;
    this.#counts = newCounts();
    const { bytes, baseBytes } = state.size;
    return {
      task: producerOf(this.context.name),
      ...counts,
      watermark: time.watermark,
      stateBytes: bytes + baseBytes,
    };
  }

  /** Sends the outboxes that are not known to have been acknowledged. */
  protected async publishLeft(): Promise<void> {
    const { memory, context } = this;
    const start = context.clock.elapsedMs();
    for (let next = memory.unpublished[0]; next !== undefined; next = memory.unpublished[0]) {
      const identity = { incarnation: context.name.incarnation, task: producerOf(context.name), n: next.n };
      if (!isEmpty(next.outbox)) await context.publisher.publish(identity, next.outbox);
      memory.publishedUpTo = next.n;
      memory.unpublished = memory.unpublished.slice(1);
    }
    this.#counts.publishMs += context.clock.elapsedMs() - start;
  }

  /** Writes a row; from here on it is what the task remembers. */
  protected async append(row: CommitRow): Promise<void> {
    const { memory, context } = this;
    const start = context.clock.elapsedMs();
    await context.log.append(row, context.newWriter(), memory.trust);
    this.#counts.commits++;
    this.#counts.commitMs += context.clock.elapsedMs() - start;
    memory.state.committed(row.base.n === row.n ? memory.nextBase : undefined);
    memory.order.committed();
    for (const { stage, frames } of row.sent) memory.sent.set(stage, frames);
    if (row.base.n === row.n) memory.nextBase = undefined;
    memory.n = row.n;
    memory.kind = row.kind;
    memory.position = row.position;
    memory.time = { watermark: row.watermark, idle: row.idle };
    memory.nodeTimes = row.nodeTimes;
    memory.activeAt = row.activeAt;
    memory.base = row.base;
    memory.trying = row.trying;
    memory.wakeAt = row.wakeAt;
    memory.unpublished = [...memory.unpublished, { n: row.n, outbox: row.payload.outbox }];
  }

  /** An instance that has not committed yet says so before it tries anything: see trying.ts. */
  async #announce(): Promise<void> {
    const { isProven, isNewHere, trying } = this.memory;
    if (isProven) return;
    this.memory.isNewHere = false;
    await this.#note('attempt', isNewHere ? nextTry(trying) : (trying ?? nextTry(undefined)));
  }

  /** A row that changes nothing but what is known of the task. */
  async #note(kind: CommitRow['kind'], trying: Trying | undefined): Promise<void> {
    const { memory } = this;
    const { position, time, activeAt } = memory;
    this.#isBroken = true;
    await this.append(rowOf(this.context, memory, this.#chain, { kind, position, time, activeAt, trying }));
    this.#isBroken = false;
    if (kind !== 'attempt') await this.publishLeft();
  }

  /** Where there is nothing to do, this instance may be behind: what is to be done may stand in a row of somebody else. */
  async #checkHead(): Promise<void> {
    const { log, name } = this.context;
    if (await log.hasAfter(this.memory.n))
      throw new FencedError(`${logOf(name)}: a row stands behind ${this.memory.n}`);
  }

  /** Does as much as fits one row, writes it, and sends what it holds. */
  async #part(entries: readonly InputEntry[], deadline: Timestamp): Promise<void> {
    this.#isBroken = true;
    const { row, counts } = await this.#loading(entries, () => this.#work(entries, deadline));
    if (isNews(row, this.memory)) {
      await this.append(row);
      this.memory.isProven = true;
      for (const [name, count] of Object.entries(counts)) this.#counts[name as keyof Counts] += count;
    } else {
      this.memory.state.committed();
    }
    this.#isBroken = false;
    await this.publishLeft();
  }

  /**
   * Does it again from where the log stands as long as state is wanted that is not in memory. Where the first key is not,
   * all keys of the batch are loaded at once; what does not fit comes one by one.
   */
  async #loading<T>(entries: readonly InputEntry[], work: () => Promise<T>): Promise<T> {
    for (let isFirst = true; ; ) {
      try {
        return await work();
      } catch (error) {
        if (!(error instanceof AbsentStateError)) throw error;
        const { memory, context } = this;
        this.#chain.close();
        memory.state.discard();
        memory.order.discard();
        await memory.state.load(error);
        if (isFirst && error.absent.kind === 'cell') {
          isFirst = false;
          await memory.state.prefetch(this.#input.wantedBy?.(entries) ?? new Map());
        }
        const { chain, input } = context.build(memory);
        this.#chain = chain;
        this.#input = input;
      }
    }
  }

  async #work(
    entries: readonly InputEntry[],
    deadline: Timestamp,
  ): Promise<{ readonly row: CommitRow; readonly counts: Partial<Counts> }> {
    const { memory, context } = this;
    const chain = this.#chain;
    const now = context.clock.now();
    const lateBefore = chain.late;
    let { position, time, activeAt } = memory;
    let recordsIn = 0;
    await this.#fireProcessingTime(now);
    for (const entry of entries) {
      chain.place = `${producerOf(context.name)} ${entry.sequence}`;
      const { complete, records, handled } = this.#input.take(entry, shareOf(memory.trying, position.records));
      position = complete ? { sequence: entry.sequence, records: 0 } : { ...position, records };
      activeAt = now;
      recordsIn += handled;
      if (complete) time = await this.#advance(time);
      for (const { operator } of chain.operators) await operator.ready?.();
      if (!complete || this.#input.isBehind(time) || this.#isFull(deadline)) break;
    }
    if (entries.length === 0) time = await this.#advance(await this.#look(time));
    await chain.drain();
    const trying = entries.length === 0 ? memory.trying : this.#tryAfter(entries, position);
    const kind = entries.length === 0 ? 'tick' : 'commit';
    const counts = {
      recordsIn,
      recordsOut: chain.size,
      deadLetters: chain.letters.length,
      late: chain.late - lateBefore,
    };
    return { row: rowOf(context, memory, chain, { kind, position, time, activeAt, trying }), counts };
  }

  #isFull(deadline: Timestamp): boolean {
    const { clock, partRecords } = this.context;
    return isLimited(this.memory.trying) || this.#chain.size >= partRecords || clock.now() >= deadline;
  }

  /** Once the batch is through, or a record was found to blame, nothing is suspected any more. */
  #tryAfter(entries: readonly InputEntry[], { sequence }: Position): Trying | undefined {
    const isThrough = entries.every((entry) => !isAfter(entry.sequence, sequence));
    return isThrough ? undefined : tryAfter(this.memory.trying);
  }

  #advance(time: TaskTime): Promise<TaskTime> {
    const { state } = this.memory;
    const processingTime = this.context.clock.now();
    return this.#input.advance(time, async (watermark) => {
      const { eventTime } = await state.prefetchTimers({ eventTime: watermark, processingTime });
      return eventTime;
    });
  }

  /** Time has not gone as far as the producers say: the timers of the rest want another part. */
  get #isBehind(): boolean {
    return this.#input.isBehind(this.memory.time);
  }

  /** What does not fit the cache now fires in the next part, or when the task runs next. */
  async #fireProcessingTime(now: Timestamp): Promise<void> {
    const { state, time } = this.memory;
    if (this.#chain.nextProcessingTime > now) return;
    const due = await state.prefetchTimers({ eventTime: time.watermark, processingTime: now });
    this.#chain.processingTime(due.processingTime);
  }

  /** A source that nothing came to for long enough is idle, if its shard has nothing indeed. */
  async #look(time: TaskTime): Promise<TaskTime> {
    const { idleness, clock, name } = this.context;
    const { activeAt, position } = this.memory;
    if (idleness === undefined || time.idle || clock.now() - activeAt < idleness.afterMs) return time;
    if ((await idleness.log.after(name.shard, position.sequence)) !== 'nothing') return time;
    this.#input.becomeIdle?.();
    return { ...time, idle: true };
  }

  #newOf(entries: readonly InputEntry[]): readonly InputEntry[] {
    const { sequence } = this.memory.position;
    return entries.filter((entry) => isAfter(entry.sequence, sequence));
  }

  /** A compaction that fails is tried again after the next batch: all is committed without it. */
  async #compactIfDue(): Promise<void> {
    const { memory, context } = this;
    if (!memory.state.wantsCompaction || memory.nextBase !== undefined) return;
    try {
      memory.nextBase = await memory.state.compact(`blocks/${logOf(context.name)}/${context.newWriter()}`);
    } catch (error) {
      if (!(error instanceof RetryableError)) throw error;
    }
  }
}
