import { type ExpressionFault, suggestion } from '../../expression/fault.ts';
import type { ColumnType, ValueType } from '../../expression/type.ts';
import { aggregateByName } from '../../operator/aggregate/aggregate-by-name.ts';
import type { AnyAggregate } from '../../operator/aggregate-function.ts';
import type { Untyped } from '../../operator/untyped.ts';
import type { Compiled, Expressions, Known } from './expressions.ts';
import { type OwnKind, unfitness } from './own-object.ts';
import { looksLikeReference, parseReference } from './reference.ts';
import type { SpecFault, Step } from './spec-fault.ts';

/** The modules that a spec refers to, by how it writes their path: what `import * as` gives of each. */
export type SpecModules = { readonly [path: string]: Readonly<Record<string, unknown>> };

/** A text made into a function of a record and, where it is `timed`, of its event time. */
export type Resolved = {
  readonly of: (value: Untyped, timestamp?: number) => Untyped;
  /** Known of an expression over known columns. */
  readonly type: ColumnType;
  readonly timed: boolean;
};

/** A reference as it was written, with where it stands. */
type Named = { readonly text: string; readonly path: readonly Step[] };

/** These stand for what could not be made, so that everything else is still checked. */
const nothing: Untyped = () => null;
const COUNT: AnyAggregate = aggregateByName({ name: 'count', distinct: false, arguments: [] });

/**
 * Texts of a spec as functions: references are looked up, expressions compiled. What is wrong is noted and a stand-in
 * given, so that all faults are found in one go.
 */
export class FunctionResolver {
  readonly #modules: SpecModules;
  readonly #expressions: Expressions;
  readonly #note: (fault: SpecFault) => void;

  constructor(modules: SpecModules, expressions: Expressions, note: (fault: SpecFault) => void) {
    this.#modules = modules;
    this.#expressions = expressions;
    this.#note = note;
  }

  /** The function that a reference names. `arity` is how many parameters it takes at most. */
  export(text: string, path: readonly Step[], arity: number): Untyped {
    const found = this.any(text, path);
    return found === undefined ? nothing : this.#function(found, arity, { text, path });
  }

  /** The object of a kind that a reference names; undefined where it names none. */
  object(text: string, path: readonly Step[], kind: OwnKind): Untyped | undefined {
    const found = this.any(text, path);
    return found === undefined ? undefined : this.expected(found, kind, { text, path });
  }

  /** The same of what a reference gave. */
  expected(found: unknown, kind: OwnKind, { text, path }: Named): Untyped | undefined {
    const unfit = unfitness(found, kind);
    if (unfit === undefined) return found;
    this.#note({ path, message: `${text} ${unfit}` });
    return undefined;
  }

  /** What a reference names, whatever it is; undefined where there is no such thing. */
  any(text: string, path: readonly Step[]): unknown {
    const reference = parseReference(text);
    const module = reference === undefined ? undefined : this.#modules[reference.module];
    // A text that is no reference and a module that is not there are told elsewhere.
    if (reference === undefined || module === undefined) return undefined;
    const { exportName } = reference;
    const found = Object.hasOwn(module, exportName) ? module[exportName] : undefined;
    if (found === undefined) {
      const names = Object.keys(module);
      const near = suggestion(exportName, names);
      const has = names.length === 0 ? '; it exports nothing' : `; it has ${names.join(', ')}`;
      this.#note({ path, message: `${reference.module} has no export "${exportName}"${near === '' ? has : near}` });
    }
    return found;
  }

  /** A function of a record: a reference or an expression. */
  value(text: string, path: readonly Step[], known: Known, arity = 1): Resolved['of'] {
    return this.typed(text, path, known, arity).of;
  }

  /** The same with the type of the result. */
  typed(text: string, path: readonly Step[], known: Known, arity = 1): Resolved {
    if (looksLikeReference(text)) return { of: this.export(text, path, arity), type: 'unknown', timed: false };
    const compiled = this.#expressions.value(text, known);
    return { of: this.#made(compiled, path) ?? nothing, type: columnTypeOf(compiled.type), timed: compiled.timed };
  }

  condition(text: string, path: readonly Step[], known: Known): Resolved {
    if (looksLikeReference(text)) return { of: this.export(text, path, 1), type: 'boolean', timed: false };
    const compiled = this.#expressions.condition(text, known);
    return { of: this.#made(compiled, path) ?? nothing, type: 'boolean', timed: compiled.timed };
  }

  aggregate(
    text: string,
    path: readonly Step[],
    known: Known,
  ): { readonly of: AnyAggregate; readonly type: ColumnType } {
    if (looksLikeReference(text)) return { of: this.ownAggregate(text, path), type: 'unknown' };
    const compiled = this.#expressions.aggregate(text, known);
    const aggregate = this.#made(compiled, path);
    if (aggregate === undefined) return { of: COUNT, type: 'unknown' };
    return { of: aggregateByName(aggregate), type: columnTypeOf(compiled.type) };
  }

  /** An aggregate function of the user's. */
  ownAggregate(text: string, path: readonly Step[]): AnyAggregate {
    return this.object(text, path, 'an aggregate function') ?? COUNT;
  }

  /** Notes a column that is known not to be there. */
  column(name: string, path: readonly Step[], { columns, input }: Known): void {
    if (columns === undefined || Object.hasOwn(columns, name)) return;
    const names = Object.keys(columns);
    const near = suggestion(name, names);
    const has = near === '' ? `; it has ${names.join(', ')}` : near;
    this.#note({ path, message: `column "${name}" is not in ${input}${has}` });
  }

  /** What was compiled; undefined where it has faults, which are noted. */
  #made<Of>({ of, faults }: Compiled<Of>, path: readonly Step[]): Of | undefined {
    this.#noteAll(faults, path);
    return of;
  }

  #function(found: unknown, arity: number, { text, path }: Named) {
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

function columnTypeOf(type: ValueType): ColumnType {
  return type === 'interval' ? 'int' : type === 'null' ? 'unknown' : type;
}
