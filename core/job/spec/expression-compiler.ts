import {
  type Aggregate,
  type CompiledAggregate,
  checkAggregate,
  compileAggregate,
  readAggregate,
} from '../../expression/aggregate.ts';
import { type Expression, type Node, rowtimeIn } from '../../expression/ast.ts';
import { checkExpression } from '../../expression/check.ts';
import {
  type Accessor,
  type CompileOptions,
  compileExpression,
  compilePredicate,
  type Predicate,
} from '../../expression/compile.ts';
import type { ExpressionFault } from '../../expression/fault.ts';
import { readExpression } from '../../expression/parser.ts';
import type { Compiled, Expressions, Known } from './expressions.ts';

/** Reads, checks and compiles the expressions of a spec. */
export class ExpressionCompiler implements Expressions {
  value(text: string, known: Known): Compiled<Accessor> {
    const checked = checkedText(text, known, {});
    return { ...checked.told, ...(checked.read && { of: this.accessor(checked.read, optionsOf(known)) }) };
  }

  condition(text: string, known: Known): Compiled<Predicate> {
    const checked = checkedText(text, known, { expect: 'condition' });
    return { ...checked.told, ...(checked.read && { of: this.predicate(checked.read, optionsOf(known)) }) };
  }

  aggregate(text: string, known: Known): Compiled<CompiledAggregate> {
    const read = readAggregate(text);
    if (read.kind === 'faults') return { type: 'unknown', timed: false, faults: read.faults };
    const { arguments: given, where } = read.value;
    const { type, faults } = checkAggregate(read.value, known.columns, { input: known.input });
    faults.push(...[...given, ...(where ? [where] : [])].flatMap(({ root }) => rowtimeFaults(root)));
    return { type, timed: false, faults, ...(faults.length === 0 && { of: this.aggregated(read.value) }) };
  }

  protected accessor(expression: Expression, options: CompileOptions): Accessor {
    return compileExpression(expression, options);
  }

  protected predicate(expression: Expression, options: CompileOptions): Predicate {
    return compilePredicate(expression, options);
  }

  protected aggregated(aggregate: Aggregate): CompiledAggregate {
    return compileAggregate(aggregate);
  }
}

type CheckedText = { readonly read?: Expression; readonly told: Omit<Compiled<never>, 'of'> };

function checkedText(text: string, known: Known, options: { readonly expect?: 'condition' }): CheckedText {
  const read = readExpression(text);
  if (read.kind === 'faults') return { told: { type: 'unknown', timed: false, faults: read.faults } };
  const { root } = read.value;
  const { type, faults } = checkExpression(read.value, known.columns, { input: known.input, ...options });
  if (known.rowtime === undefined) faults.push(...rowtimeFaults(root));
  const told = { type, timed: rowtimeIn(root) !== undefined, faults };
  return faults.length > 0 ? { told } : { read: read.value, told };
}

function rowtimeFaults(root: Node): ExpressionFault[] {
  const found = rowtimeIn(root);
  if (found === undefined) return [];
  const message =
    'rowtime() is not at hand here; make a column of it first, in an operator with addColumns: { at: rowtime() }';
  return [{ offset: found.start + 1, length: found.end - found.start, message }];
}

function optionsOf({ columns }: Known): CompileOptions {
  return columns === undefined ? {} : { schema: columns };
}
