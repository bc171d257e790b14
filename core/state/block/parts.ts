import { keyGroupOf, type StateKey } from '../../codec/key.ts';
import { JobSpecError } from '../../error/error.ts';
import type { StateSnapshot } from '../state-backend.ts';
import type { AbsentState } from './absent-state.ts';
import type { RunStack } from './run-stack.ts';
import { type Space, spaceId } from './space.ts';
import { SpaceBase } from './space-base.ts';
import type { Progress } from './table-cells.ts';
import { TaskList } from './task-list.ts';
import { TaskTable } from './task-table.ts';
import { TaskTimers } from './task-timers.ts';

export type Part = TaskTable<unknown> | TaskTimers | TaskList<unknown>;

/** The tables, timer queues and lists of a task, in the order in which they were first met. */
export class Parts {
  readonly progress: Progress = { sequence: 0, commits: 0 };
  readonly #tables = new Map<string, TaskTable<unknown>>();
  readonly #timers = new Map<string, TaskTimers>();
  readonly #lists = new Map<string, TaskList<unknown>>();
  readonly #ids = new Map<number, string>();
  #all: Part[] = [];
  #claimed = new Set<Part>();

  all(): readonly Part[] {
    return this.#all;
  }

  table(space: Space): TaskTable<unknown> {
    return this.#made(this.#tables, space, () => new TaskTable(space, this.progress));
  }

  timers(space: Space): TaskTimers {
    return this.#made(this.#timers, space, () => new TaskTimers(space, this.progress));
  }

  list(space: Space): TaskList<unknown> {
    return this.#made(this.#lists, space, () => new TaskList(space));
  }

  of(space: Space): Part {
    if (space.kind === 'table') return this.table(space);
    return space.kind === 'list' ? this.list(space) : this.timers(space);
  }

  /** The tables or timer queues that an absent state may be of. */
  named({ kind, uid, name }: AbsentState): readonly (TaskTable<unknown> | TaskTimers)[] {
    const found: Iterable<TaskTable<unknown> | TaskTimers> =
      kind === 'timers' ? this.#timers.values() : this.#tables.values();
    return [...found].filter(({ space }) => space.uid === uid && space.name === name);
  }

  timersOf(kind: Space['kind']): readonly TaskTimers[] {
    return [...this.#timers.values()].filter(({ space }) => space.kind === kind);
  }

  /** Each key with each table that does not have all in memory. */
  wanted(
    keys: ReadonlyMap<string, readonly StateKey[]>,
    maxParallelism: number,
  ): readonly { readonly table: TaskTable<unknown>; readonly key: StateKey }[] {
    const partial = [...this.#tables.values()].filter(({ isWhole }) => !isWhole);
    return partial.flatMap((table) =>
      inOrder(keys.get(table.space.uid) ?? [], maxParallelism).map((key) => ({ table, key })),
    );
  }

  isWhole(uid: string): boolean {
    return [...this.#tables.values()].every(({ isWhole, space }) => isWhole || space.uid !== uid);
  }

  /** Of tables whose values expire: whether a stored one has, by the number of the space. */
  expiring(): ReadonlyMap<number, (stored: Uint8Array) => boolean> {
    const tables = [...this.#tables.values()];
    return new Map(tables.flatMap(({ space, isExpired }) => (isExpired ? [[spaceId(space), isExpired] as const] : [])));
  }

  adopt(stack: RunStack, maxParallelism: number): void {
    for (const part of this.#all) part.adopt(new SpaceBase(stack, spaceId(part.space), maxParallelism));
  }

  evictBefore(commit: number): void {
    for (const table of this.#tables.values()) table.evictBefore(commit);
  }

  /** What one operator has, as plain data. */
  snapshotOf(uid: string): StateSnapshot {
    const own = <P extends Part>(parts: Iterable<P>): P[] => [...parts].filter(({ space }) => space.uid === uid);
    return {
      tables: own(this.#tables.values()).map((table) => table.snapshot()),
      timers: own(this.#timers.values()).map((timers) => timers.snapshot()),
      lists: own(this.#lists.values()).map((list) => list.snapshot()),
    };
  }

  get bytes(): number {
    return sumOf(this.#tables.values(), ({ bytes }) => bytes) + sumOf(this.#timers.values(), ({ bytes }) => bytes);
  }

  get recentBytes(): number {
    return sumOf(this.#tables.values(), ({ recentBytes }) => recentBytes);
  }

  get entries(): number {
    return sumOf(this.#tables.values(), ({ size }) => size) + sumOf(this.#timers.values(), ({ size }) => size);
  }

  claim(part: Part): void {
    this.#claimed.add(part);
  }

  unclaimed(): readonly Space[] {
    return this.#all.filter((part) => !this.#claimed.has(part) && part.sizes().length > 0).map(({ space }) => space);
  }

  #made<P extends Part>(parts: Map<string, P>, space: Space, make: () => P): P {
    const name = idOf(space);
    const found = parts.get(name);
    if (found !== undefined) return found;
    const other = this.#ids.get(spaceId(space));
    if (other !== undefined) throw sameNumber(space);
    this.#ids.set(spaceId(space), name);
    const made = make();
    parts.set(name, made);
    this.#all.push(made);
    return made;
  }
}

/** Each once, and about as they lie in blocks, so that keys of one block come together. */
function inOrder(keys: readonly StateKey[], maxParallelism: number): readonly StateKey[] {
  const groups = new Map([...new Set(keys)].map((key) => [key, keyGroupOf(key, maxParallelism)]));
  return [...groups.keys()].sort((left, right) => (groups.get(left) ?? 0) - (groups.get(right) ?? 0));
}

export function idOf({ kind, uid, name }: Space): string {
  return `${kind}\u0000${uid}\u0000${name}`;
}

function sumOf<T>(values: Iterable<T>, of: (value: T) => number): number {
  let sum = 0;
  for (const value of values) sum += of(value);
  return sum;
}

/** Of a hundred states, two have one number once in a million jobs. */
function sameNumber({ uid, name }: Space): JobSpecError {
  const message = 'has the same number in blocks as another state of the task; give it another name';
  return new JobSpecError([{ path: `operators.${uid}.state.${name}`, message }]);
}
