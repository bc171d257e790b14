import { type Aggregate, checkAggregate, compileAggregate, readAggregate } from '../../expression/aggregate.ts';
import { checkExpression } from '../../expression/check.ts';
import { compileExpression, compilePredicate } from '../../expression/compile.ts';
import { type ExpressionFault, suggestion } from '../../expression/fault.ts';
import { readExpression } from '../../expression/parser.ts';
import type { ColumnType, RecordSchema, ValueType } from '../../expression/type.ts';
import { aggregateByName } from '../../operator/aggregate/aggregate-by-name.ts';
import type { AnyAggregate } from '../../operator/aggregate-function.ts';
import type { Untyped } from '../../operator/untyped.ts';
import { looksLikeReference, parseReference } from './reference.ts';
import type { SpecFault, Step } from './spec-fault.ts';

/** The modules that a spec refers to, by how it writes their path: what `import * as` gives of each. */
export type SpecModules = { readonly [path: string]: Readonly<Record<string, unknown>> };

/** What is known of the records that an expression reads: their columns, and how messages call them. */
export type Known = { readonly columns?: RecordSchema; readonly input: string };

/** Stands for a function that could not be made, so that everything else is still checked. */
const nothing: Untyped = () => null;

/**
 * Texts of a spec as functions: references are looked up, expressions compiled. What is wrong is noted and a stand-in
 * given, so that all faults are found in one go.
 */
export class FunctionResolver {
  readonly #modules: SpecModules;
  readonly #note: (fault: SpecFault) => void;

  constructor(modules: SpecModules, note: (fault: SpecFault) => void) {
    this.#modules = modules;
    this.#note = note;
  }

  /** What a reference names. `arity` is how many parameters it takes at most. */
  export(text: string, path: readonly Step[], arity?: number): Untyped {
    const reference = parseReference(text);
    const module = reference === undefined ? undefined : this.#modules[reference.module];
    // A text that is no reference and a module that is not there are told elsewhere.
    if (reference === undefined || module === undefined) return nothing;
    const { exportName } = reference;
    const found = module[exportName];
    if (found === undefined) {
      const names = Object.keys(module);
      const near = suggestion(exportName, names);
      const has = names.length === 0 ? '; it exports nothing' : `; it has ${names.join(', ')}`;
      this.#note({ path, message: `${reference.module} has no export "${exportName}"${near === '' ? has : near}` });
      return nothing;
    }
    if (arity !== undefined) return this.#function(found, arity, { text, path });
    return found;
  }

  /** A function of a record: a reference or an expression. */
  value(text: string, path: readonly Step[], known: Known, arity = 1): (value: Untyped, timestamp?: number) => Untyped {
    if (looksLikeReference(text)) return this.export(text, path, arity);
    return this.#expression(text, path, known, {}).accessor;
  }

  /** The same with the type of the result, which is known of an expression over known columns. */
  typed(
    text: string,
    path: readonly Step[],
    known: Known,
  ): { readonly of: (value: Untyped) => Untyped; readonly type: ColumnType } {
    if (looksLikeReference(text)) return { of: this.export(text, path, 1), type: 'unknown' };
    const { accessor, type } = this.#expression(text, path, known, {});
    return { of: accessor, type: columnTypeOf(type) };
  }

  condition(text: string, path: readonly Step[], known: Known): (value: Untyped) => boolean {
    if (looksLikeReference(text)) return this.export(text, path, 1);
    const { faults } = this.#expression(text, path, known, { expect: 'condition' });
    return faults ? nothing : compilePredicate(text, schemaOption(known));
  }

  aggregate(
    text: string,
    path: readonly Step[],
    known: Known,
  ): { readonly of: AnyAggregate; readonly type: ColumnType } {
    const standIn = {
      of: aggregateByName({ name: 'count', distinct: false, arguments: [] }),
      type: 'unknown',
    } as const;
    if (looksLikeReference(text)) return { of: this.export(text, path), type: 'unknown' };
    const read = readAggregate(text);
    if (read.kind === 'faults') {
      this.#noteAll(read.faults, path);
      return standIn;
    }
    const aggregate: Aggregate = read.value;
    const { type, faults } = checkAggregate(aggregate, known.columns, { input: known.input });
    this.#noteAll(faults, path);
    if (faults.length > 0) return standIn;
    return { of: aggregateByName(compileAggregate(aggregate)), type: columnTypeOf(type) };
  }

  /** Notes a column that is known not to be there. */
  column(name: string, path: readonly Step[], { columns, input }: Known): void {
    if (columns === undefined || Object.hasOwn(columns, name)) return;
    const names = Object.keys(columns);
    const near = suggestion(name, names);
    const has = near === '' ? `; it has ${names.join(', ')}` : near;
    this.#note({ path, message: `column "${name}" is not in ${input}${has}` });
  }

  #expression(text: string, path: readonly Step[], known: Known, options: { readonly expect?: 'condition' }) {
    const read = readExpression(text);
    if (read.kind === 'faults') {
      this.#noteAll(read.faults, path);
      return { accessor: nothing, type: 'unknown' as ValueType, faults: true };
    }
    const { type, faults } = checkExpression(read.value, known.columns, { input: known.input, ...options });
    this.#noteAll(faults, path);
    if (faults.length > 0) return { accessor: nothing, type, faults: true };
    return { accessor: compileExpression(read.value, schemaOption(known)), type, faults: false };
  }

  #function(found: unknown, arity: number, { text, path }: { readonly text: string; readonly path: readonly Step[] }) {
    if (typeof found !== 'function' || /^class\b/.test(Function.prototype.toString.call(found))) {
      const kind = typeof found === 'function' ? 'a class' : `of type ${typeof found}`;
      this.#note({ path, message: `${text} is ${kind}; a function is expected` });
      return nothing;
    }
    if (found.length > arity) {
      const takes = `${found.length} parameters`;
      this.#note({ path, message: `${text} takes ${takes}, and is given ${arity}` });
      return nothing;
    }
    return found as Untyped;
  }

  #noteAll(faults: readonly ExpressionFault[], path: readonly Step[]): void {
    for (const { message, offset } of faults) this.#note({ path, message, offset });
  }
}

function schemaOption({ columns }: Known): { readonly schema?: RecordSchema } {
  return columns === undefined ? {} : { schema: columns };
}

function columnTypeOf(type: ValueType): ColumnType {
  return type === 'interval' ? 'int' : type === 'null' ? 'unknown' : type;
}
