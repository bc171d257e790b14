import fc from 'fast-check';
import type { StateBackend } from '../../../core/state/state-backend.ts';
import type { Namespace } from '../../../core/state/state-table.ts';

/** One thing that an operator does to its state. */
export type Change =
  | { readonly kind: 'put' | 'remove'; readonly table: Table; readonly key: string; readonly namespace: Namespace }
  | { readonly kind: 'removeAll'; readonly table: Table; readonly namespace: Namespace }
  | { readonly kind: 'set' | 'delete'; readonly at: number; readonly key: string; readonly namespace: string }
  | { readonly kind: 'poll'; readonly limit: number }
  | { readonly kind: 'add' | 'update'; readonly item: number };

const TABLES = ['windows', 'plain', 'sessions'] as const;
type Table = (typeof TABLES)[number];
type Value = { readonly key: string; readonly counts: number[] };

export const KEYS = ['a', 'b', 'c', 'd\ud800', '\u0000[1,"x"]'];
const key = fc.constantFrom(...KEYS);
const cell = fc.oneof(
  fc.record({ table: fc.constant<Table>('windows'), key, namespace: fc.constantFrom<Namespace>(-10, 0, 10, 20) }),
  fc.record({ table: fc.constant<Table>('plain'), key, namespace: fc.constant<Namespace>('') }),
  fc.record({ table: fc.constant<Table>('sessions'), key, namespace: fc.constantFrom<Namespace>('1/2', '2/3') }),
);
const at = fc.integer({ min: -5, max: 30 });
const timer = fc.record({ at, key, namespace: fc.constantFrom('', 'w') });

export const change: fc.Arbitrary<Change> = fc.oneof(
  { weight: 6, arbitrary: cell.map((each): Change => ({ kind: 'put', ...each })) },
  { weight: 2, arbitrary: cell.map((each): Change => ({ kind: 'remove', ...each })) },
  { weight: 1, arbitrary: cell.map(({ table, namespace }): Change => ({ kind: 'removeAll', table, namespace })) },
  { weight: 3, arbitrary: timer.map((each): Change => ({ kind: 'set', ...each })) },
  { weight: 1, arbitrary: timer.map((each): Change => ({ kind: 'delete', ...each })) },
  { weight: 1, arbitrary: at.map((limit): Change => ({ kind: 'poll', limit })) },
  { weight: 1, arbitrary: fc.nat(9).map((item): Change => ({ kind: 'add', item })) },
  { weight: 1, arbitrary: fc.nat(9).map((item): Change => ({ kind: 'update', item })) },
);

/** What a test sees of state, whoever holds it. */
export type View = {
  readonly tables: readonly (readonly [Table, Namespace, readonly (readonly [string, readonly number[]])[]])[];
  readonly timers: readonly string[];
  readonly list: readonly number[];
};

/** An operator that does what it is told. */
export class Doer {
  readonly #backend: StateBackend;
  readonly #tables;
  readonly #timers;
  readonly #list;

  constructor(backend: StateBackend) {
    this.#backend = backend;
    this.#tables = new Map(TABLES.map((name) => [name, this.#backend.table<Value>({ name })]));
    this.#timers = backend.timers('timers', 'event');
    this.#list = backend.list<number>({ name: 'list' }, 'split');
  }

  do(each: Change): readonly string[] {
    switch (each.kind) {
      case 'put': {
        const table = this.#table(each.table);
        const found = table.cell(each.key, each.namespace);
        if (found === undefined) table.insert(each.key, each.namespace, { key: each.key, counts: [1] });
        else {
          found.value.counts.push(found.value.counts.length + 1);
          table.changed(found);
        }
        return [];
      }
      case 'remove': {
        const found = this.#table(each.table).cell(each.key, each.namespace);
        if (found !== undefined) this.#table(each.table).remove(found);
        return [];
      }
      case 'removeAll':
        this.#table(each.table).removeAll(each.namespace);
        return [];
      case 'poll': {
        const polled: string[] = [];
        for (let due = this.#timers.poll(each.limit); due !== undefined; due = this.#timers.poll(each.limit)) {
          polled.push(nameOf(due));
        }
        return polled.sort();
      }
      case 'add':
        this.#list.add(each.item);
        return [];
      case 'update':
        this.#list.update([each.item]);
        return [];
      default:
        this.#timers[each.kind](each.at, each.key, each.namespace);
        return [];
    }
  }

  look(): View {
    return {
      tables: TABLES.flatMap((name) =>
        [...this.#table(name).namespaces()].sort().map((namespace) => {
          const cells = [...this.#table(name).cellsIn(namespace)];
          return [
            name,
            namespace,
            cells.map(({ key: of, value }) => [of as string, [...value.counts]] as const),
          ] as const;
        }),
      ),
      timers: [...this.#timers.all()].map(nameOf).sort(),
      list: [...this.#list.get()],
    };
  }

  get sizes(): readonly number[] {
    return [...TABLES.map((name) => this.#table(name).size), this.#timers.size];
  }

  #table(name: Table) {
    const table = this.#tables.get(name);
    if (table === undefined) throw new Error(`no table ${name}`);
    return table;
  }
}

/** The same from plain arrays, searched from end to end. */
export class Model {
  cells: { readonly table: Table; readonly key: string; readonly namespace: Namespace; readonly counts: number[] }[] =
    [];
  timers: string[] = [];
  list: number[] = [];

  copy(): Model {
    const copy = new Model();
    copy.cells = structuredClone(this.cells);
    copy.timers = [...this.timers];
    copy.list = [...this.list];
    return copy;
  }

  do(each: Change): readonly string[] {
    switch (each.kind) {
      case 'put': {
        const found = this.cells.find(same(each));
        if (found === undefined) this.cells.push({ ...each, counts: [1] });
        else found.counts.push(found.counts.length + 1);
        return [];
      }
      case 'remove':
        this.cells = this.cells.filter((other) => !same(each)(other));
        return [];
      case 'removeAll':
        this.cells = this.cells.filter((other) => other.table !== each.table || other.namespace !== each.namespace);
        return [];
      case 'set':
        if (!this.timers.includes(nameOf(each))) this.timers.push(nameOf(each));
        return [];
      case 'delete':
        this.timers = this.timers.filter((name) => name !== nameOf(each));
        return [];
      case 'poll': {
        const due = this.timers.filter((name) => Number(name.split('|')[0]) <= each.limit);
        this.timers = this.timers.filter((name) => !due.includes(name));
        return due.sort();
      }
      case 'add':
        this.list.push(each.item);
        return [];
      case 'update':
        this.list = [each.item];
        return [];
    }
  }

  look(): View {
    return {
      tables: TABLES.flatMap((name) => {
        const own = this.cells.filter(({ table }) => table === name);
        const namespaces = [...new Set(own.map(({ namespace }) => namespace))].sort();
        return namespaces.map(
          (namespace) =>
            [
              name,
              namespace,
              own
                .filter((each) => each.namespace === namespace)
                .map(({ key: of, counts }) => [of, [...counts]] as const),
            ] as const,
        );
      }),
      timers: [...this.timers].sort(),
      list: [...this.list],
    };
  }

  get sizes(): readonly number[] {
    return [...TABLES.map((name) => this.cells.filter(({ table }) => table === name).length), this.timers.length];
  }
}

function same(left: { readonly table: string; readonly key: string; readonly namespace: Namespace }) {
  return (right: { readonly table: string; readonly key: string; readonly namespace: Namespace }) =>
    left.table === right.table && left.key === right.key && left.namespace === right.namespace;
}

function nameOf(timer: { readonly at: number; readonly key: unknown; readonly namespace: unknown }): string {
  return `${timer.at}|${String(timer.key)}|${String(timer.namespace)}`;
}
