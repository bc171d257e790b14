import { type AggregateDefinition, type AggregateName, aggregateNames, aggregateOf } from './aggregate-catalog.ts';
import type { Expression, Node } from './ast.ts';
import { type Checked, type CheckOptions, checkExpression } from './check.ts';
import { type Accessor, compileExpression, compilePredicate, type Predicate } from './compile.ts';
import { type Cursor, readWith } from './cursor.ts';
import { type ExpressionFault, type Outcome, orThrow, suggestion } from './fault.ts';
import { readNode, refuseDepth } from './parser.ts';
import { familyOf, nameOfType, type RecordSchema, type ValueType } from './type.ts';

/**
 * One aggregate over the records of a window: `count(distinct user) filter (where agent <> 'bot')`.
 *
 * `count(*)` has no arguments. The fraction of a percentile is an argument of the text and a number here.
 */
export type Aggregate = {
  readonly kind: 'aggregate';
  readonly text: string;
  readonly name: AggregateName;
  readonly distinct: boolean;
  readonly arguments: readonly Expression[];
  /** From 0 to 1, of percentiles only. */
  readonly fraction?: number;
  /** Only records for which this is TRUE count. */
  readonly where?: Expression;
};

/** An aggregate made ready: accessors of its arguments, whose NULLs the aggregate functions must skip. */
export type CompiledAggregate = {
  readonly name: AggregateName;
  readonly distinct: boolean;
  readonly arguments: readonly Accessor[];
  readonly fraction?: number;
  readonly where?: Predicate;
};

/** Reads one aggregate; the outcome has it or every fault, with its column in the text. */
export function readAggregate(text: string): Outcome<Aggregate> {
  return readWith(text, (cursor) => {
    const aggregate = readCall(cursor);
    if (cursor.peek().kind !== 'end') {
      cursor.stop('an aggregate stands alone: compute with its result in an operator after the window');
    }
    return aggregate;
  });
}

/**
 * Reads one aggregate.
 *
 * @throws JobSpecError with every fault under `path`.
 * @example
 * parseAggregate('percentile(ms, 0.95)').fraction; // 0.95
 */
export function parseAggregate(text: string, path = 'aggregate'): Aggregate {
  return orThrow(readAggregate(text), path);
}

/** Accessors of the arguments and of the filter, for the functions that aggregate. */
export function compileAggregate(aggregate: Aggregate | string, path = 'aggregate'): CompiledAggregate {
  const parsed = typeof aggregate === 'string' ? parseAggregate(aggregate, path) : aggregate;
  const { name, distinct, fraction, where } = parsed;
  return {
    name,
    distinct,
    arguments: parsed.arguments.map((argument) => compileExpression(argument, { path })),
    ...(fraction !== undefined && { fraction }),
    ...(where && { where: compilePredicate(where, { path }) }),
  };
}

/** The faults of the columns and types of an aggregate, and the type of its result. */
export function checkAggregate(aggregate: Aggregate, schema?: RecordSchema, options: CheckOptions = {}): Checked {
  const checked = aggregate.arguments.map((argument) => checkExpression(argument, schema, options));
  const where = aggregate.where && checkExpression(aggregate.where, schema, { ...options, expect: 'condition' });
  const faults = [...checked, ...(where ? [where] : [])].flatMap((each) => each.faults);
  const types = checked.map(({ type }) => type);
  const definition = aggregateOf(aggregate.name);
  if (definition === undefined) return { type: 'unknown', faults };
  for (const [index, argument] of aggregate.arguments.entries()) {
    const fault = argumentFault(definition, index, argument.root, types[index] ?? 'unknown');
    if (fault) faults.push(fault);
  }
  const { result } = definition;
  return { type: typeof result === 'function' ? result(types) : result, faults };
}

function argumentFault(
  { name, parameters }: AggregateDefinition,
  index: number,
  { start, end }: Node,
  type: ValueType,
): ExpressionFault | undefined {
  const family = familyOf(type);
  const parameter = parameters[index];
  const unfit =
    (parameter === 'number' && !['number', 'interval', 'any'].includes(family)) ||
    (parameter === 'ordered' && (family === 'array' || family === 'record'));
  if (!unfit) return undefined;
  const wanted = parameter === 'number' ? 'numbers' : 'values that have an order';
  return { offset: start + 1, length: end - start, message: `${name} takes ${wanted}; this is ${nameOfType(type)}` };
}

function readCall(cursor: Cursor): Aggregate {
  const token = cursor.peek();
  const definition = token.kind === 'word' ? aggregateOf(token.value) : undefined;
  if (definition === undefined || !cursor.isSymbol('(', 1)) {
    const near = token.kind === 'word' ? suggestion(token.value, aggregateNames()) : '';
    return cursor.stop(`an aggregate such as count(*), sum(price) or max(ms) is expected${near}`);
  }
  cursor.advance();
  cursor.advance();
  const call = readArguments(cursor, definition, token.value);
  const where = cursor.word() === 'FILTER' ? readFilter(cursor) : undefined;
  const common = { kind: 'aggregate', text: cursor.text, name: definition.name } as const;
  return { ...common, ...call, ...(where && { where }) };
}

type Given = Pick<Aggregate, 'distinct' | 'arguments' | 'fraction'>;

function readArguments(cursor: Cursor, definition: AggregateDefinition, written: string): Given {
  const { start } = cursor.peek();
  if (definition.name === 'count' && cursor.acceptSymbol('*')) {
    cursor.expectSymbol(')', 'count(*)');
    return { distinct: false, arguments: [] };
  }
  const distinct = readDistinct(cursor, definition, written);
  const nodes: Node[] = [];
  if (!cursor.isSymbol(')')) {
    do nodes.push(readArgument(cursor));
    while (cursor.acceptSymbol(','));
  }
  cursor.expectSymbol(')', `${written}(…)`);
  const wanted = definition.parameters.length;
  if (nodes.length !== wanted) {
    const hint = definition.name === 'count' ? ' or *' : '';
    cursor.note(
      `${written} takes ${wanted} argument${wanted === 1 ? '' : 's'}${hint}, not ${nodes.length}`,
      start,
      cursor.end,
    );
  }
  const [first, second] = nodes;
  const hasFraction = definition.parameters[1] === 'fraction';
  const fraction = hasFraction && second ? { fraction: fractionOf(cursor, second) } : {};
  const kept = hasFraction ? nodes.slice(0, 1) : nodes;
  if (first?.kind === 'literal' && definition.name !== 'count') {
    cursor.note(`${written} of a constant says nothing of the records; name a column`, first.start, first.end);
  }
  return { distinct, arguments: kept.map((root) => ({ kind: 'expression', text: cursor.text, root })), ...fraction };
}

function readDistinct(cursor: Cursor, definition: AggregateDefinition, written: string): boolean {
  const next = cursor.peek(1);
  const isColumn = next.kind === 'symbol' && next.value !== '(';
  if (cursor.word() !== 'DISTINCT' || isColumn) return false;
  const { start, end } = cursor.advance();
  if (!definition.distinct) cursor.note(`${written} does not take DISTINCT; leave it out`, start, end);
  return true;
}

function readArgument(cursor: Cursor): Node {
  if (cursor.isSymbol('*')) cursor.stop('only count takes *');
  const node = readNode(cursor);
  refuseDepth(cursor, node);
  return node;
}

function fractionOf(cursor: Cursor, node: Node): number {
  if (node.kind === 'literal' && typeof node.value === 'number' && node.value >= 0 && node.value <= 1)
    return node.value;
  cursor.note('the fraction of a percentile is a number from 0 to 1, like 0.95', node.start, node.end);
  return 0;
}

function readFilter(cursor: Cursor): Expression {
  cursor.advance();
  cursor.expectSymbol('(', 'FILTER (WHERE condition)');
  cursor.expectWord('WHERE', 'FILTER (WHERE condition)');
  const root = readArgument(cursor);
  cursor.expectSymbol(')', 'FILTER (WHERE condition)');
  return { kind: 'expression', text: cursor.text, root };
}
