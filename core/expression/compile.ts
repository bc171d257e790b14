import { JobSpecError } from '../error/error.ts';
import type { Expression } from './ast.ts';
import { checkNodes } from './check.ts';
import { textLiteral } from './constant.ts';
import { Emitter } from './emitter.ts';
import { asJobFault } from './fault.ts';
import { MAX_QUOTED } from './limit.ts';
import { parseExpression } from './parser.ts';
import * as runtime from './runtime/runtime.ts';
import type { RecordSchema } from './type.ts';

/** Gives the value of an expression for a record and its event time; NULL is null. Throws PoisonRecordError. */
export type Accessor = (record: unknown, timestamp?: number) => unknown;

/** Whether a condition is TRUE for a record; FALSE and NULL are not. Throws PoisonRecordError. */
export type Predicate = (record: unknown, timestamp?: number) => boolean;

/**
 * `path` stands before faults. With a `schema` its columns are checked, and CAST of a timestamp column to STRING writes
 * it as a date; the code trusts no schema and is as safe without.
 */
export type CompileOptions = { readonly path?: string; readonly schema?: RecordSchema; readonly input?: string };

/**
 * Compiles an expression to a function of a record and its event time.
 *
 * @throws JobSpecError with every fault.
 * @example
 * compileExpression('price * 2')({ price: 21 }); // 42
 */
export function compileExpression(expression: Expression | string, options: CompileOptions = {}): Accessor {
  return evaluated<Accessor>(javascriptOf(expression, options));
}

/**
 * Compiles a condition to a function that is true where the condition is TRUE.
 *
 * @throws JobSpecError with every fault; a result that is known to be no condition is one.
 * @example
 * compilePredicate("agent <> 'bot'")({}); // false: NULL is not TRUE
 */
export function compilePredicate(expression: Expression | string, options: CompileOptions = {}): Predicate {
  return evaluated<Predicate>(javascriptOfPredicate(expression, options));
}

/**
 * The text of a JavaScript function that, given core/expression/runtime/runtime.ts, gives the accessor: what a bundle
 * holds in place of the parser. It has no free name and nothing of the expression's text but escaped constants.
 *
 * @example
 * `import * as runtime from …; export const price = (${javascriptOf('price')})(runtime);`
 */
export function javascriptOf(expression: Expression | string, options: CompileOptions = {}): string {
  const parsed = typeof expression === 'string' ? parseExpression(expression, options.path) : expression;
  const emitter = emitterOf(parsed, options, undefined);
  return factoryOf(emitter, parsed, `${emitter.value(parsed.root)} ?? null`);
}

/** As {@link javascriptOf}, for {@link compilePredicate}. */
export function javascriptOfPredicate(expression: Expression | string, options: CompileOptions = {}): string {
  const parsed = typeof expression === 'string' ? parseExpression(expression, options.path) : expression;
  const emitter = emitterOf(parsed, options, 'condition');
  return factoryOf(emitter, parsed, emitter.condition(parsed.root, 'true'));
}

function emitterOf(expression: Expression, options: CompileOptions, expect: 'condition' | undefined): Emitter {
  const { schema, input, path = 'expression' } = options;
  const { types, faults } = checkNodes(expression, schema, {
    ...(input !== undefined && { input }),
    ...(expect && { expect }),
  });
  if (faults.length > 0) throw new JobSpecError(faults.map((fault) => asJobFault(fault, path)));
  return new Emitter(types);
}

/** `code` must have been made before, since it says what the emitter has used. */
function factoryOf(emitter: Emitter, { text }: Expression, code: string): string {
  const quoted = textLiteral(text.length > MAX_QUOTED ? `${text.slice(0, MAX_QUOTED)}…` : text);
  const lines = [
    '($) => {',
    '  "use strict";',
    ...[...emitter.used, 'within'].map((name) => `  const _${name} = $.${name};`),
    ...emitter.constants.map((constant, index) => `  const c${index} = ${constant};`),
    '  return (record, timestamp) => {',
    ...(emitter.locals.length > 0 ? [`    let ${emitter.locals.join(', ')};`] : []),
    `    try { return ${code}; } catch (error) { throw _within(error, ${quoted}); }`,
    '  };',
    '}',
  ];
  return lines.join('\n');
}

/** Runs text that {@link factoryOf} made, and nothing else ever. */
function evaluated<T>(javascript: string): T {
  const factory = new Function(`return ${javascript};`)() as (given: typeof runtime) => T;
  return factory(runtime);
}
