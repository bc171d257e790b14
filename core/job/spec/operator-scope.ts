import type { Key } from '../../codec/key.ts';
import type { RecordSchema } from '../../expression/type.ts';
import type { Untyped } from '../../operator/untyped.ts';
import type { KeyedStream } from '../keyed-stream.ts';
import type { OperatorStream, Stream } from '../stream.ts';
import type { Known } from './expressions.ts';
import type { FunctionResolver } from './function-resolver.ts';
import type { OwnKind } from './own-object.ts';
import type { InputSpec, OperatorSpec } from './schema.ts';
import type { Step } from './spec-fault.ts';

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

export type KeyBy = NonNullable<OperatorSpec['keyBy']>;
export type Keyed = KeyedStream<Untyped, Key, object>;

/** One operator of a spec while it is built: its words, and what they are looked up in. */
export class OperatorScope {
  readonly spec: OperatorSpec;
  readonly resolver: FunctionResolver;
  readonly inputs: OperatorInputs;
  /** Of the records of its one input. */
  readonly known: Known;
  readonly #path: readonly Step[];

  constructor(spec: OperatorSpec, path: readonly Step[], resolver: FunctionResolver, inputs: OperatorInputs) {
    this.spec = spec;
    this.resolver = resolver;
    this.inputs = inputs;
    this.known = spec.input === undefined ? { input: 'the input' } : inputs.known(spec.input);
    this.#path = path;
  }

  at(word: string): readonly Step[] {
    return [...this.#path, word];
  }

  input(): Stream<Untyped> {
    return this.inputs.stream(this.spec.input ?? '', this.at('input'), this.spec.partition);
  }

  /** The input by its key. */
  keyedInput(): Keyed {
    return this.keyed(this.input(), this.spec.keyBy ?? '', this.at('keyBy'), this.known);
  }

  keyed(stream: Stream<Untyped>, keyBy: KeyBy, path: readonly Step[], known: Known): Keyed {
    const fields = typeof keyBy === 'string' ? (isColumn(keyBy) ? [keyBy] : undefined) : keyBy;
    if (fields === undefined) return stream.keyBy(this.resolver.value(String(keyBy), path, known)) as Keyed;
    for (const [index, field] of fields.entries()) {
      this.resolver.column(field, typeof keyBy === 'string' ? path : [...path, index], known);
    }
    return (stream.keyBy as Untyped)(...fields);
  }

  /** The function that a word refers to, and how many parameters it takes at most. */
  export(word: 'flatMap' | 'reduce' | 'apply' | 'process' | 'result', arity: number): Untyped {
    return this.resolver.export(String(this.spec[word]), this.at(word), arity);
  }

  /** The process function that a word refers to. */
  made(word: 'process' | 'coProcess', kind: OwnKind): Untyped {
    const made = this.resolver.object(String(this.spec[word]), this.at(word), kind);
    return made ?? (() => ({ process: () => {} }));
  }

  /** A record of expressions. */
  record(results: { readonly [name: string]: string }, path: readonly Step[], known: Known) {
    const made = Object.entries(results).map(([name, text]) => ({
      name,
      ...this.resolver.typed(text, [...path, name], known),
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
}

/** The name of one column, and not an expression over several. */
export function isColumn(text: string): boolean {
  return /^[\p{L}_$][\p{L}\p{N}_$]*$/u.test(text);
}
