import type { Key } from '../../codec/key.ts';
import type { ColumnType, RecordSchema } from '../../expression/type.ts';
import type { AnyAggregate } from '../../operator/aggregate-function.ts';
import type { Untyped } from '../../operator/untyped.ts';
import type { KeyedStream } from '../keyed-stream.ts';
import type { BroadcastStream, OperatorStream, Stream } from '../stream.ts';
import { filtered, mapped, withTime } from './each-record.ts';
import { eventTimeOptions } from './event-time-spec.ts';
import { type Form, formOf } from './form.ts';
import type { FunctionResolver, Known } from './function-resolver.ts';
import { BOUND_COLUMNS, keyColumns } from './known-columns.ts';
import type { OwnKind } from './own-object.ts';
import { looksLikeReference } from './reference.ts';
import type { InputSpec, OperatorSpec } from './schema.ts';
import type { Step } from './spec-fault.ts';
import { windowOf } from './window-parts.ts';

/** What an operator reads: streams by name, and what is known of their records. */
export interface OperatorInputs {
  stream(input: InputSpec, path: readonly Step[], partition?: string): Stream<Untyped>;
  known(input: InputSpec): Known;
}

/** The operator as the API makes it, and the columns of its records where they are known. */
export type BuiltOperator = {
  readonly stream: OperatorStream<Untyped>;
  readonly columns?: RecordSchema | undefined;
  /** In words for plans, where the API could say only that it is a function. */
  readonly text?: string | undefined;
};

type Anything = Stream<Untyped>;
type Keyed = KeyedStream<Untyped, Key, object>;
type KeyBy = NonNullable<OperatorSpec['keyBy']>;
type Results = { readonly [name: string]: string };

/**
 * Builds one operator of a spec with the methods of the API, so that both give one graph. Its words must go together
 * (form.ts).
 */
export class OperatorBuilder {
  readonly #spec: OperatorSpec;
  readonly #path: readonly Step[];
  readonly #resolver: FunctionResolver;
  readonly #inputs: OperatorInputs;
  readonly #known: Known;

  constructor(spec: OperatorSpec, path: readonly Step[], resolver: FunctionResolver, inputs: OperatorInputs) {
    this.#spec = spec;
    this.#path = path;
    this.#resolver = resolver;
    this.#inputs = inputs;
    this.#known = spec.input === undefined ? { input: 'the input' } : inputs.known(spec.input);
  }

  /** Undefined where its words do not go together. */
  build(): BuiltOperator | undefined {
    const form = formOf(this.#spec);
    switch (form?.shape) {
      case undefined:
        return undefined;
      case 'stream':
        return this.#plain(form);
      case 'keyed':
        return this.#keyed(form);
      case 'window':
      case 'windowAll':
        return this.#windowed(form);
      case 'broadcast':
        return this.#broadcast();
      case 'connect':
        return this.#connected(form);
      case 'join':
      case 'coGroup':
        return this.#joined(form);
      case 'intervalJoin':
        return this.#intervalJoined(form);
    }
  }

  #plain({ does }: Form): BuiltOperator | undefined {
    const spec = this.#spec;
    const stream = this.#input();
    const columns = this.#known.columns;
    const known: Known = { ...this.#known, rowtime: true };
    switch (does) {
      case 'filter': {
        const text = String(spec.filter);
        return { stream: filtered(stream, this.#resolver.condition(text, this.#at('filter'), known)), columns, text };
      }
      case 'map': {
        if (typeof spec.map !== 'object') {
          const text = String(spec.map);
          return { stream: mapped(stream, this.#resolver.typed(text, this.#at('map'), known)), text };
        }
        const made = this.#record(spec.map, this.#at('map'), known);
        return { stream: mapped(stream, made), columns: made.columns, text: Object.keys(spec.map).join(', ') };
      }
      case 'addColumns': {
        const { of, columns: made, timed } = this.#record(spec.addColumns ?? {}, this.#at('addColumns'), known);
        const added = mapped(stream, { of: (record, timestamp) => ({ ...record, ...of(record, timestamp) }), timed });
        return { stream: added, columns: columns && { ...columns, ...made }, text: Object.keys(made).join(', ') };
      }
      case 'flatMap':
        return this.#flatMap(stream);
      case 'async':
        return this.#async(stream);
      case 'assignTimestamps': {
        const options = eventTimeOptions(spec.assignTimestamps ?? '', {
          resolver: this.#resolver,
          known: this.#known,
          path: this.#at('assignTimestamps'),
        });
        return { stream: stream.assignTimestamps(options), columns };
      }
      default:
        return { stream: stream.process(this.#made(String(spec.process), 'process', 'a process function')) };
    }
  }

  /** An expression gives an array, or NULL for nothing; a function may emit. */
  #flatMap(stream: Anything): BuiltOperator {
    const text = String(this.#spec.flatMap);
    if (looksLikeReference(text)) {
      return { stream: stream.flatMap(this.#resolver.export(text, this.#at('flatMap'), 2)), text };
    }
    const { of, timed } = this.#resolver.typed(text, this.#at('flatMap'), { ...this.#known, rowtime: true });
    if (!timed) return { stream: stream.flatMap((record: Untyped) => of(record) ?? []), text };
    const emitted = withTime(stream, (record, timestamp, emit) => {
      for (const one of of(record, timestamp) ?? []) emit(one);
    });
    return { stream: emitted, text };
  }

  #async(stream: Anything): BuiltOperator {
    const { async: given } = this.#spec;
    const { call, fallback, retry, ...rest } = typeof given === 'object' ? given : { call: String(given) };
    const path = this.#at('async');
    const under = (word: string) => [...path, word];
    const options = {
      ...rest,
      ...(fallback !== undefined && { fallback: this.#resolver.value(fallback, under('fallback'), this.#known) }),
      ...(retry !== undefined && {
        retry: {
          ...retry,
          ...(retry.onError !== undefined && { onError: this.#resolver.export(retry.onError, under('retry'), 1) }),
          ...(retry.onResult !== undefined && { onResult: this.#resolver.export(retry.onResult, under('retry'), 1) }),
        },
      }),
    };
    const callPath = typeof given === 'object' ? under('call') : path;
    return { stream: stream.mapAsync(this.#resolver.export(call, callPath, 2), options as Untyped), text: call };
  }

  #keyed({ does }: Form): BuiltOperator {
    const keyed = this.#keyBy(this.#input(), this.#spec.keyBy ?? '', this.#at('keyBy'), this.#known);
    if (does === 'process')
      return { stream: keyed.process(this.#made(String(this.#spec.process), 'process', 'a process function')) };
    return { ...this.#rolling(keyed, does), columns: this.#known.columns };
  }

  /** What keyed streams and windows both can do to records of one type. */
  #rolling(on: Untyped, does: string): BuiltOperator {
    const spec = this.#spec as { readonly [word: string]: unknown };
    const text = String(spec[does]);
    if (does === 'reduce') return { stream: on.reduce(this.#resolver.export(text, this.#at('reduce'), 2)), text };
    if (isColumn(text)) {
      this.#resolver.column(text, this.#at(does), this.#known);
      return { stream: on[does](text) };
    }
    const by = this.#resolver.value(text, this.#at(does), this.#known);
    return { stream: on[does](by), text: `${does} ${text}` };
  }

  #windowed({ shape, does }: Form): BuiltOperator {
    const spec = this.#spec;
    const window = (shape === 'window' ? spec.window : spec.windowAll) ?? 'global';
    const parts = windowOf(window, { resolver: this.#resolver, known: this.#known, path: this.#at(shape) });
    const input = this.#input();
    const key = shape === 'window' ? this.#keyBy(input, spec.keyBy ?? '', this.#at('keyBy'), this.#known) : undefined;
    const windowed: Untyped =
      key === undefined ? input.windowAll(parts.assigner, parts.options) : key.window(parts.assigner, parts.options);
    const result = spec.result === undefined ? [] : [this.#resolver.export(spec.result, this.#at('result'), 2)];
    switch (does) {
      case 'aggregate': {
        const timed = !['count', 'global'].includes(parts.assigner.kind);
        const { of, columns } = this.#aggregates(key?.['~key'].columns ?? [], timed);
        return { stream: windowed.aggregate(of, ...result), columns: result.length === 0 ? columns : undefined };
      }
      case 'apply':
        return { stream: windowed.apply(this.#resolver.export(String(spec.apply), this.#at('apply'), 2)) };
      case 'process':
        return { stream: windowed.process(this.#made(String(spec.process), 'process', 'a process function')) };
      case 'reduce': {
        const reduce = this.#resolver.export(String(spec.reduce), this.#at('reduce'), 2);
        const columns = result.length === 0 ? this.#known.columns : undefined;
        return { stream: windowed.reduce(reduce, ...result), columns };
      }
      default:
        return { ...this.#rolling(windowed, does), columns: this.#known.columns };
    }
  }

  /** Aggregates by name give a row, one aggregate function of the user's its own result. */
  #aggregates(
    keys: readonly string[],
    timed: boolean,
  ): { readonly of: Untyped; readonly columns: RecordSchema | undefined } {
    const { aggregate } = this.#spec;
    const path = this.#at('aggregate');
    if (typeof aggregate !== 'object')
      return { of: this.#resolver.ownAggregate(String(aggregate), path), columns: undefined };
    const of: Record<string, AnyAggregate> = {};
    const types: Record<string, ColumnType> = {};
    for (const [name, text] of Object.entries(aggregate)) {
      const made = this.#resolver.aggregate(text, [...path, name], this.#known);
      of[name] = made.of;
      types[name] = made.type;
    }
    const columns = { ...keyColumns(keys, this.#known.columns), ...(timed && BOUND_COLUMNS), ...types };
    return { of, columns };
  }

  #broadcast(): BuiltOperator {
    const { broadcast, keyBy } = this.#spec;
    const rules = this.#inputs.stream(broadcast ?? '', this.#at('broadcast')).broadcast() as BroadcastStream<Untyped>;
    const input = this.#input();
    const made = this.#made(String(this.#spec.process), 'process', 'a process function of a broadcast');
    if (keyBy === undefined) return { stream: input.connect(rules).process(made) };
    return { stream: this.#keyBy(input, keyBy, this.#at('keyBy'), this.#known).connect(rules).process(made) };
  }

  #connected({ does }: Form): BuiltOperator {
    const { connect, coMap, coFlatMap, coProcess } = this.#spec;
    if (connect === undefined) throw new TypeError('form.ts gave a connection without connect');
    const path = this.#at('connect');
    const [left, right] = this.#sides(connect, path);
    const [ofLeft, ofRight] = [this.#inputs.known(connect.left), this.#inputs.known(connect.right)];
    const both = (
      word: 'coMap' | 'coFlatMap',
      given: { readonly left: string; readonly right: string },
      arity: number,
    ) => [
      this.#resolver.value(given.left, [...this.#at(word), 'left'], ofLeft, arity),
      this.#resolver.value(given.right, [...this.#at(word), 'right'], ofRight, arity),
    ];
    if (does === 'coMap' && coMap !== undefined) {
      const [one, other] = both('coMap', coMap, 1) as [Untyped, Untyped];
      return { stream: left.connect(right).map(one, other), text: `${coMap.left} | ${coMap.right}` };
    }
    if (does === 'coFlatMap' && coFlatMap !== undefined) {
      const [one, other] = both('coFlatMap', coFlatMap, 2) as [Untyped, Untyped];
      return { stream: left.connect(right).flatMap(one, other), text: `${coFlatMap.left} | ${coFlatMap.right}` };
    }
    const made = this.#made(String(coProcess), 'coProcess', 'a process function of two inputs');
    if (connect.on === undefined) return { stream: left.connect(right).process(made) };
    const [one, other] = this.#keyedSides({ ...connect, on: connect.on }, path);
    return { stream: one.connect(other).process(made) };
  }

  #joined({ shape, does }: Form): BuiltOperator {
    const sides = shape === 'join' ? this.#spec.join : this.#spec.coGroup;
    if (sides === undefined) throw new TypeError('form.ts gave a join without its sides');
    const [left, right] = this.#keyedSides(sides, this.#at(shape));
    const known = { input: 'the pair' };
    const window = { resolver: this.#resolver, known, path: this.#at('window') };
    const { assigner, options } = windowOf(this.#spec.window ?? 'global', window);
    if (shape === 'coGroup') {
      const apply = this.#resolver.export(String(this.#spec.apply), this.#at('apply'), 3);
      return { stream: left.coGroup(right).window(assigner, options).apply(apply) };
    }
    const joined = left.join(right).window(assigner, options);
    if (does === 'apply') {
      return { stream: joined.apply(this.#resolver.export(String(this.#spec.apply), this.#at('apply'), 3)) };
    }
    const { of, columns } = this.#select(sides);
    return { stream: joined.apply((one: Untyped, other: Untyped) => of({ left: one, right: other })), columns };
  }

  #intervalJoined({ does }: Form): BuiltOperator {
    const { intervalJoin, between = [0, 0] } = this.#spec;
    if (intervalJoin === undefined) throw new TypeError('form.ts gave an interval join without its sides');
    const [left, right] = this.#keyedSides(intervalJoin, this.#at('intervalJoin'));
    const { lower, upper, ...bounds } = Array.isArray(between)
      ? { lower: between[0], upper: between[1] }
      : (between as Exclude<typeof between, readonly unknown[]>);
    const joined = left.intervalJoin(right).between(lower as never, upper as never, bounds);
    if (does === 'process') {
      return { stream: joined.process(this.#resolver.export(String(this.#spec.process), this.#at('process'), 3)) };
    }
    const { of, columns } = this.#select(intervalJoin);
    return { stream: joined.process((one: Untyped, other: Untyped) => of({ left: one, right: other })), columns };
  }

  /** The joined record: expressions over both sides, as `left.id` and `right.amount`. */
  #select({ left, right }: { readonly left: InputSpec; readonly right: InputSpec }) {
    const [one, other] = [this.#inputs.known(left), this.#inputs.known(right)];
    const columns: RecordSchema = { left: one.columns ?? 'unknown', right: other.columns ?? 'unknown' };
    return this.#record(this.#spec.select ?? {}, this.#at('select'), {
      columns,
      input: 'the pair; write left.… or right.…',
    });
  }

  #record(results: Results, path: readonly Step[], known: Known) {
    const made = Object.entries(results).map(([name, text]) => ({
      name,
      ...this.#resolver.typed(text, [...path, name], known),
    }));
    const empty = Object.fromEntries(made.map(({ name }) => [name, null as unknown]));
    const of = (record: Untyped, timestamp?: number) => {
      const row = { ...empty };
      for (const { name, of: value } of made) row[name] = value(record, timestamp);
      return row;
    };
    const columns: RecordSchema = Object.fromEntries(made.map(({ name, type }) => [name, type]));
    return { of, columns, timed: made.some(({ timed }) => timed) };
  }

  #keyedSides(
    {
      left,
      right,
      on,
    }: { readonly left: InputSpec; readonly right: InputSpec; readonly on: NonNullable<OperatorSpec['join']>['on'] },
    path: readonly Step[],
  ): [Keyed, Keyed] {
    const keys =
      typeof on === 'object' && !Array.isArray(on) ? (on as { left: KeyBy; right: KeyBy }) : { left: on, right: on };
    const at = (side: 'left' | 'right') => (keys.left === keys.right ? [...path, 'on'] : [...path, 'on', side]);
    const [one, other] = this.#sides({ left, right }, path);
    return [
      this.#keyBy(one, keys.left as KeyBy, at('left'), this.#inputs.known(left)),
      this.#keyBy(other, keys.right as KeyBy, at('right'), this.#inputs.known(right)),
    ];
  }

  #sides(
    { left, right }: { readonly left: InputSpec; readonly right: InputSpec },
    path: readonly Step[],
  ): [Anything, Anything] {
    return [this.#inputs.stream(left, [...path, 'left']), this.#inputs.stream(right, [...path, 'right'])];
  }

  #keyBy(stream: Anything, keyBy: KeyBy, path: readonly Step[], known: Known): Keyed {
    const fields = typeof keyBy === 'string' ? (isColumn(keyBy) ? [keyBy] : undefined) : keyBy;
    if (fields === undefined) return stream.keyBy(this.#resolver.value(String(keyBy), path, known)) as Keyed;
    for (const [index, field] of fields.entries()) {
      this.#resolver.column(field, typeof keyBy === 'string' ? path : [...path, index], known);
    }
    return (stream.keyBy as Untyped)(...fields);
  }

  #input(): Anything {
    return this.#inputs.stream(this.#spec.input ?? '', this.#at('input'), this.#spec.partition);
  }

  #made(text: string, word: string, kind: OwnKind): Untyped {
    return this.#resolver.object(text, this.#at(word), kind) ?? (() => ({ process: () => {} }));
  }

  #at(word: string): readonly Step[] {
    return [...this.#path, word];
  }
}

/** The name of one column, and not an expression over several. */
function isColumn(text: string): boolean {
  return /^[\p{L}_$][\p{L}\p{N}_$]*$/u.test(text);
}
