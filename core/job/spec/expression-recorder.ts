import type { Aggregate, CompiledAggregate } from '../../expression/aggregate.ts';
import type { Expression } from '../../expression/ast.ts';
import {
  type Accessor,
  type CompileOptions,
  javascriptOf,
  javascriptOfPredicate,
  type Predicate,
} from '../../expression/compile.ts';
import { ExpressionCompiler } from './expression-compiler.ts';
import type { Compiled, Known } from './expressions.ts';

/** Code of a list of {@link CompiledText}, and the names of core/expression/runtime/runtime.ts that it is to be given. */
export type RecordedCode = { readonly code: string; readonly names: readonly string[] };

/** Compiles the expressions of a spec and keeps the text of their code, for a bundle that holds it in place of a compiler. */
export class ExpressionRecorder extends ExpressionCompiler {
  readonly #recorded: string[] = [];
  readonly #names = new Set<string>();
  #code = '';

  override value(text: string, known: Known): Compiled<Accessor> {
    return this.#record(text, super.value(text, known));
  }

  override condition(text: string, known: Known): Compiled<Predicate> {
    return this.#record(text, super.condition(text, known));
  }

  override aggregate(text: string, known: Known): Compiled<CompiledAggregate> {
    return this.#record(text, super.aggregate(text, known));
  }

  /** `$` is an object with the names. */
  recorded(): RecordedCode {
    return { code: `[\n${this.#recorded.join(',\n')}\n]`, names: [...this.#names].sort() };
  }

  protected override accessor(expression: Expression, options: CompileOptions): Accessor {
    this.#code = this.#called(javascriptOf(expression, options));
    return super.accessor(expression, options);
  }

  protected override predicate(expression: Expression, options: CompileOptions): Predicate {
    this.#code = this.#called(javascriptOfPredicate(expression, options));
    return super.predicate(expression, options);
  }

  protected override aggregated(aggregate: Aggregate): CompiledAggregate {
    const { name, distinct, arguments: given, fraction, where } = aggregate;
    const parts = [
      `name: ${JSON.stringify(name)}, distinct: ${distinct}`,
      `arguments: [${given.map((argument) => this.#called(javascriptOf(argument))).join(', ')}]`,
      ...(fraction === undefined ? [] : [`fraction: ${fraction}`]),
      ...(where === undefined ? [] : [`where: ${this.#called(javascriptOfPredicate(where))}`]),
    ];
    this.#code = `{ ${parts.join(', ')} }`;
    return super.aggregated(aggregate);
  }

  #called(javascript: string): string {
    for (const [, name = ''] of javascript.matchAll(/^ {2}const _(\w+) = \$\.\1;$/gm)) this.#names.add(name);
    return `(${javascript})($)`;
  }

  #record<Of>(text: string, compiled: Compiled<Of>): Compiled<Of> {
    const { type, timed, of } = compiled;
    if (of !== undefined) {
      const told = `text: ${JSON.stringify(text)}, type: ${JSON.stringify(type)}, timed: ${timed}`;
      this.#recorded.push(`{ ${told}, of: ${this.#code} }`);
    }
    return compiled;
  }
}
