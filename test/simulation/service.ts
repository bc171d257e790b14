import type { CommitTable, LogRow } from '../../core/port/commit-table.ts';
import type { Shard } from '../../core/port/frame-log.ts';
import { type EntryResult, type FrameLog, HASH_SPACE, type LogEntry } from '../../core/port/frame-log.ts';
import type { ObjectStore } from '../../core/port/object-store.ts';
import type { RecordBatch, RecordWriter } from '../../core/port/record-writer.ts';
import type { Life, Scheduler } from './scheduler.ts';

/** Simulated services: each holds its data, and gives every life a port whose calls go through the scheduler. */

type TimedRow = LogRow & { readonly at: number };

export class SimulatedTable {
  readonly logs = new Map<string, Map<number, TimedRow>>();
  readonly #scheduler: Scheduler;
  /** False: a row is overwritten (the rule P2 is off). */
  readonly #isConditional: boolean;

  constructor(scheduler: Scheduler, isConditional: boolean) {
    this.#scheduler = scheduler;
    this.#isConditional = isConditional;
  }

  portOf(life: Life): CommitTable {
    const { call } = callsOf(this.#scheduler, life);
    return {
      put: (log, row) => call(`puts ${log} ${row.n}`, true, () => this.#put(log, row)),
      head: (log) => call(`reads the head of ${log}`, false, () => this.sorted(log).at(-1)),
      rows: (log, first, limit) =>
        call(`reads ${log} from ${first}`, false, () =>
          this.sorted(log)
            .filter(({ n }) => n >= first)
            .slice(0, limit),
        ),
      delete: async () => {},
    };
  }

  sorted(log: string): readonly TimedRow[] {
    return [...(this.logs.get(log)?.values() ?? [])].sort((left, right) => left.n - right.n);
  }

  #put(log: string, row: LogRow): 'written' | 'taken' {
    let rows = this.logs.get(log);
    if (rows === undefined) {
      rows = new Map();
      this.logs.set(log, rows);
    }
    if (this.#isConditional && rows.has(row.n)) return 'taken';
    rows.set(row.n, { ...row, at: this.#scheduler.now });
    return 'written';
  }
}

type Entry = { readonly sequence: string; readonly bytes: Uint8Array };
export type SimulatedShard = Shard & {
  readonly entries: Entry[];
  /** How many entries some reader was given: their order is known. */
  delivered: number;
};

export class SimulatedStream {
  readonly name: string;
  readonly shards: readonly SimulatedShard[];
  readonly #scheduler: Scheduler;
  readonly #disorder: number;
  readonly #refused: number;
  #sequence = 0;

  constructor(scheduler: Scheduler, name: string, options: { shards: number; disorder: number; refused: number }) {
    this.#scheduler = scheduler;
    this.name = name;
    this.#disorder = options.disorder;
    this.#refused = options.refused;
    const edge = (i: number) => (HASH_SPACE * BigInt(i)) / BigInt(options.shards);
    this.shards = Array.from({ length: options.shards }, (_, i) => ({
      id: `s${i}`,
      first: edge(i),
      last: edge(i + 1) - 1n,
      parents: [],
      open: true,
      entries: [],
      delivered: 0,
    }));
  }

  portOf(life: Life): FrameLog {
    const { call } = callsOf(this.#scheduler, life);
    return {
      put: (entries) =>
        call(`puts ${entries.length} into ${this.name}`, true, () => entries.map((e) => this.#offer(e))),
      shards: () => call(`lists the shards of ${this.name}`, false, () => this.shards),
      after: (shard, position) =>
        call(`looks into ${this.name} ${shard}`, false, () => {
          const held = this.shards.find(({ id }) => id === shard)?.entries ?? [];
          return held.some(({ sequence }) => position === undefined || sequence > position) ? 'more' : 'nothing';
        }),
    };
  }

  /** Puts without a failure: what the outside world does. */
  append(shard: SimulatedShard, bytes: Uint8Array): void {
    shard.entries.push({ sequence: String(++this.#sequence).padStart(12, '0'), bytes });
  }

  #offer(entry: LogEntry): EntryResult {
    if (this.#scheduler.isFaulty && this.#scheduler.chance(this.#refused))
      return { kind: 'refused', reason: 'throttled' };
    const shard = this.shards.find(({ first, last }) => first <= entry.hashKey && entry.hashKey <= last);
    if (shard === undefined) throw new Error('no shard');
    this.append(shard, entry.bytes);
    this.#overtake(shard);
    return { kind: 'taken', shard: shard.id };
  }

  /** Kinesis promises no order for puts in quick succession: the newest may come out before the one before it. */
  #overtake({ entries, delivered }: SimulatedShard): void {
    const last = entries.length - 1;
    if (!this.#scheduler.chance(this.#disorder) || last - 1 < delivered) return;
    const [before, newest] = [entries[last - 1] as Entry, entries[last] as Entry];
    entries[last - 1] = { sequence: before.sequence, bytes: newest.bytes };
    entries[last] = { sequence: newest.sequence, bytes: before.bytes };
  }
}

export class SimulatedStore {
  readonly objects = new Map<string, Uint8Array>();
  readonly #scheduler: Scheduler;

  constructor(scheduler: Scheduler) {
    this.#scheduler = scheduler;
  }

  portOf(life: Life): ObjectStore {
    const { call } = callsOf(this.#scheduler, life);
    return {
      put: (name, bytes) =>
        call(`puts object ${name}`, true, () => {
          this.objects.set(name, bytes);
        }),
      get: (name, part) =>
        call(`gets object ${name}`, false, () =>
          this.objects.get(name)?.slice(part?.start, part && part.start + part.length),
        ),
      list: async (prefix) => [...this.objects.keys()].filter((name) => name.startsWith(prefix)).sort(),
      delete: async (name) => {
        this.objects.delete(name);
      },
    };
  }
}

/** A sink that keeps what was written under each identity, and finds a repetition that is none. */
export class SimulatedSink {
  readonly name: string;
  readonly written = new Map<string, RecordBatch>();
  readonly differences: string[] = [];
  readonly #scheduler: Scheduler;

  constructor(scheduler: Scheduler, name: string) {
    this.#scheduler = scheduler;
    this.name = name;
  }

  portOf(life: Life): RecordWriter {
    const { call } = callsOf(this.#scheduler, life);
    return { write: (batch) => call(`writes ${idOf(batch)} to ${this.name}`, true, () => this.#write(batch)) };
  }

  get values(): readonly unknown[] {
    return [...this.written.values()].flatMap(({ records }) => records.map(({ value }) => value));
  }

  #write(batch: RecordBatch): readonly [] {
    const id = idOf(batch);
    const before = this.written.get(id);
    if (before === undefined) this.written.set(id, batch);
    else if (JSON.stringify(before) !== JSON.stringify(batch)) this.differences.push(id);
    return [];
  }
}

function idOf({ identity: { incarnation, task, n } }: RecordBatch): string {
  return `${incarnation}/${task}/${n}`;
}

function callsOf(scheduler: Scheduler, life: Life) {
  return {
    call: <T>(what: string, changes: boolean, run: () => T) => scheduler.call(life, what, changes, run),
  };
}
