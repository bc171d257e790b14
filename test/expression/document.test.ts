import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { compileAggregate } from '../../core/expression/aggregate.ts';
import { AGGREGATES } from '../../core/expression/aggregate-catalog.ts';
import { childrenOf, type Node } from '../../core/expression/ast.ts';
import { FUNCTIONS } from '../../core/expression/catalog.ts';
import { compileExpression } from '../../core/expression/compile.ts';
import { parseExpression } from '../../core/expression/parser.ts';
import * as door from '../../core/index.ts';
import { aggregateByName } from '../../core/operator/aggregate/aggregate-by-name.ts';
import type { AnyAggregate } from '../../core/operator/aggregate-function.ts';

const text = readFileSync(new URL('../../docs/expressions.md', import.meta.url), 'utf8');
const click: { readonly at: number } = JSON.parse(/```json\n([\s\S]*?)```/.exec(text)?.[1] ?? '');

/** The cells of the tables whose first heading is `heading`, code only. */
function rowsOf(heading: string, columns: number): string[][] {
  const rows: string[][] = [];
  let within = false;
  for (const line of text.split('\n')) {
    if (!line.startsWith('|')) within = false;
    else if (line.startsWith(`| ${heading} |`)) within = true;
    else if (within && !line.startsWith('| ---')) rows.push(cellsOf(line).slice(0, columns));
  }
  return rows;
}

function cellsOf(line: string): string[] {
  const cells = line.slice(1, -1).split(/(?<!\\)\|/);
  return cells.map((cell) =>
    cell
      .trim()
      .replace(/^(`+) ?([\s\S]*?) ?\1$/, '$2')
      .replaceAll('\\|', '|'),
  );
}

function aggregated({ create, add, result }: AnyAggregate, clicks: readonly object[]): unknown {
  return result(clicks.reduce((accumulator: unknown, click) => add(accumulator, click, 0), create()));
}

const examples = rowsOf('Expression', 3) as [string, string, string][];
const aggregates = rowsOf('Aggregate', 2) as [string, string][];

describe('docs/expressions.md', () => {
  test.each(examples)('%s and %s give %s', (expression, typescript, result) => {
    const expected: unknown = JSON.parse(result);
    expect(compileExpression(expression)(click, click.at)).toEqual(expected);
    const written = new Function('c', 'timestamp', `return ${typescript};`);
    expect(written(click, click.at)).toEqual(expected);
  });

  test.each(aggregates)('%s and %s give the same', (aggregate, typescript) => {
    const clicks = [click, { ...click, ms: 7, user: 'bob', agent: 'bot', page: '/' }, { ...click, referrer: 'x' }];
    const written = new Function(...Object.keys(door), `return ${typescript};`)(...Object.values(door)) as AnyAggregate;
    const result = aggregated(aggregateByName(compileAggregate(aggregate)), clicks);
    expect(result).toEqual(aggregated(written, clicks));
    expect(result).not.toBeNull();
  });

  test('every function and every aggregate has a row', () => {
    const shown = new Set<string>();
    const visit = (node: Node): void => {
      if (node.kind === 'call') shown.add(node.name);
      for (const child of childrenOf(node)) visit(child);
    };
    for (const [expression] of examples) visit(parseExpression(expression).root);
    expect([...FUNCTIONS.keys()].filter((name) => !shown.has(name))).toEqual([]);
    const named = new Set(aggregates.map(([aggregate]) => compileAggregate(aggregate).name));
    expect([...AGGREGATES.values()].filter(({ name }) => !named.has(name))).toEqual([]);
  });
});
