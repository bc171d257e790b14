import type { Arithmetic, Comparison, Expression, Node } from './ast.ts';
import { childrenOf } from './ast.ts';
import { readCall } from './call-parser.ts';
import { type Cursor, readWith } from './cursor.ts';
import { type Outcome, orThrow } from './fault.ts';
import { isReserved, isTypedLiteral, POWER } from './grammar.ts';
import { MAX_DEPTH } from './limit.ts';
import { readCase, readCast, readLiteral, readTypedLiteral } from './primary-parser.ts';

/**
 * Tokens to a tree, by operator precedence (V. Pratt, Top Down Operator Precedence, 1973).
 *
 * 1. {@link readNode} with power p reads the longest operand whose operators all bind tighter than p.
 * 2. Powers are those of Flink's SQL: OR, AND, NOT, IS, comparison, BETWEEN/IN/LIKE, `+ -`, `* / % ||`, sign, `[ ] .`
 * 3. Chains of AND and OR become one node with many operands, so that their length costs no depth.
 * 4. No tree that leaves here is deeper than MAX_DEPTH, so every walk over one may recurse.
 */

const COMPARISONS: Readonly<Record<string, Comparison['operator']>> = {
  '=': '=',
  '<>': '<>',
  '!=': '<>',
  '<': '<',
  '<=': '<=',
  '>': '>',
  '>=': '>=',
};

/**
 * Reads an expression; the outcome has the tree or every fault, with its column in the text.
 *
 * @example
 * readExpression('price > 100 AND agent <> \'bot\''); // { kind: 'ok', value: … }
 */
export function readExpression(text: string): Outcome<Expression> {
  return readWith(text, (cursor) => {
    if (cursor.peek().kind === 'end') cursor.stop('an expression is expected, for instance price > 100');
    const root = readNode(cursor, 0);
    if (cursor.peek().kind !== 'end') cursor.stop('an operator or the end of the text is expected');
    refuseDepth(cursor, root);
    return { kind: 'expression', text, root } as const;
  });
}

/**
 * Reads an expression.
 *
 * @param path where the text stands in the job, for messages.
 * @throws JobSpecError with every fault of the text; a fault's `place.column` is its 1-based column in the text.
 */
export function parseExpression(text: string, path = 'expression'): Expression {
  return orThrow(readExpression(text), path);
}

/** An operand with every operator that binds tighter than `power`. */
export function readNode(cursor: Cursor, power = 0): Node {
  return cursor.nested(() => {
    let left = readPrefix(cursor);
    for (;;) {
      const next = readInfix(cursor, left, power);
      if (next === undefined) return left;
      left = next;
    }
  });
}

/** Notes a fault for a tree deeper than walks over it may recurse: chains such as `a + b + c …` nest to the left. */
export function refuseDepth(cursor: Cursor, root: Node): void {
  if (isDeeperThan(root, MAX_DEPTH)) cursor.tooDeep(root.start, root.end);
}

function isDeeperThan(node: Node, limit: number): boolean {
  return limit === 0 || childrenOf(node).some((child) => isDeeperThan(child, limit - 1));
}

function readPrefix(cursor: Cursor): Node {
  const { start } = cursor.peek();
  if (cursor.acceptWord('NOT')) {
    const operand = readNode(cursor, POWER.not);
    return { kind: 'not', operand, start, end: operand.end };
  }
  if (cursor.isSymbol('-') && cursor.peek(1).kind === 'number') {
    cursor.advance();
    return readPostfix(cursor, readLiteral(cursor, start));
  }
  if (cursor.acceptSymbol('-')) {
    const operand = readNode(cursor, POWER.sign);
    return { kind: 'negation', operand, start, end: operand.end };
  }
  if (cursor.acceptSymbol('+')) return readNode(cursor, POWER.sign);
  return readPostfix(cursor, readPrimary(cursor));
}

function readPrimary(cursor: Cursor): Node {
  const token = cursor.peek();
  if (token.kind === 'number' || token.kind === 'string') return readLiteral(cursor);
  if (token.kind === 'quoted') return readColumn(cursor);
  if (token.kind === 'word') return readWord(cursor);
  if (!cursor.acceptSymbol('(')) return cursor.stop('a value is expected');
  const inner = readNode(cursor);
  if (cursor.isSymbol(',')) cursor.stop('a row of several values is not supported; compare them one by one with AND');
  cursor.expectSymbol(')', 'the parentheses');
  return inner;
}

function readWord(cursor: Cursor): Node {
  const word = cursor.word();
  if (word === 'CASE') return readCase(cursor, readNode);
  if (word === 'TRUE' || word === 'FALSE' || word === 'NULL') return readLiteral(cursor);
  if (isTypedLiteral(word) && cursor.peek(1).kind === 'string') return readTypedLiteral(cursor);
  if (isReserved(word)) return cursor.stop('a value is expected (a column of that name is written in backticks)');
  if ((word === 'ARRAY' || word === 'MAP') && cursor.isSymbol('[', 1)) {
    cursor.stop(`${word}[…] makes a value, which is not supported (a column of that name is written in backticks)`);
  }
  if (!cursor.isSymbol('(', 1)) return readColumn(cursor);
  if (word === 'CAST' || word === 'TRY_CAST') return readCast(cursor, readNode);
  return readCall(cursor, readNode);
}

function readColumn(cursor: Cursor): Node {
  const { start, value } = cursor.advance();
  const path = [value];
  while (cursor.acceptSymbol('.')) path.push(readName(cursor));
  return { kind: 'column', path, start, end: cursor.end };
}

function readName(cursor: Cursor): string {
  const { kind } = cursor.peek();
  if (kind !== 'word' && kind !== 'quoted') cursor.stop('a field name is expected after the point');
  return cursor.advance().value;
}

function readPostfix(cursor: Cursor, target: Node): Node {
  const { start } = target;
  let node = target;
  for (;;) {
    if (cursor.acceptSymbol('[')) {
      const index = readNode(cursor);
      cursor.expectSymbol(']', 'the element access');
      node = { kind: 'element', target: node, index, start, end: cursor.end };
    } else if (cursor.acceptSymbol('.')) {
      node = { kind: 'field', target: node, name: readName(cursor), start, end: cursor.end };
    } else {
      return node;
    }
  }
}

/** The node that the next operator makes of `left`, undefined where there is none that binds tighter than `power`. */
function readInfix(cursor: Cursor, left: Node, power: number): Node | undefined {
  const token = cursor.peek();
  if (token.kind === 'symbol') return readSymbolInfix(cursor, left, power);
  switch (cursor.word()) {
    case 'OR':
      return power < POWER.or ? readLogic(cursor, left, 'OR', POWER.or) : undefined;
    case 'AND':
      return power < POWER.and ? readLogic(cursor, left, 'AND', POWER.and) : undefined;
    case 'IS':
      return power < POWER.is ? readIs(cursor, left) : undefined;
    case 'NOT':
    case 'BETWEEN':
    case 'IN':
    case 'LIKE':
    case 'SIMILAR':
      return power < POWER.range ? readRange(cursor, left) : undefined;
    default:
      return undefined;
  }
}

function readSymbolInfix(cursor: Cursor, left: Node, power: number): Node | undefined {
  const { value: symbol } = cursor.peek();
  const comparison = COMPARISONS[symbol];
  const { start } = left;
  if (comparison !== undefined) {
    if (power >= POWER.comparison) return undefined;
    cursor.advance();
    const right = readNode(cursor, POWER.comparison);
    return { kind: 'comparison', operator: comparison, left, right, start, end: right.end };
  }
  const own = arithmeticPower(symbol);
  if (own === undefined || power >= own) return undefined;
  cursor.advance();
  const right = readNode(cursor, own);
  return { kind: 'arithmetic', operator: symbol as Arithmetic['operator'], left, right, start, end: right.end };
}

function arithmeticPower(symbol: string): number | undefined {
  if (symbol === '+' || symbol === '-') return POWER.sum;
  return symbol === '*' || symbol === '/' || symbol === '%' || symbol === '||' ? POWER.product : undefined;
}

function readLogic(cursor: Cursor, first: Node, operator: 'AND' | 'OR', power: number): Node {
  const operands = [first];
  while (cursor.acceptWord(operator)) operands.push(readNode(cursor, power));
  return { kind: 'logic', operator, operands, start: first.start, end: cursor.end };
}

function readIs(cursor: Cursor, operand: Node): Node {
  cursor.advance();
  const { start } = operand;
  const negated = cursor.acceptWord('NOT');
  if (cursor.acceptWord('DISTINCT')) {
    cursor.expectWord('FROM', 'IS DISTINCT FROM');
    const right = readNode(cursor, POWER.comparison);
    return { kind: 'distinct', negated, left: operand, right, start, end: right.end };
  }
  const test = cursor.word();
  if (test !== 'NULL' && test !== 'TRUE' && test !== 'FALSE' && test !== 'UNKNOWN') {
    return cursor.stop('NULL, TRUE, FALSE, UNKNOWN or DISTINCT FROM is expected after IS');
  }
  cursor.advance();
  return { kind: 'is', test, negated, operand, start, end: cursor.end };
}

function readRange(cursor: Cursor, operand: Node): Node {
  const negated = cursor.acceptWord('NOT');
  if (cursor.acceptWord('BETWEEN')) return readBetween(cursor, operand, negated);
  if (cursor.acceptWord('IN')) return readIn(cursor, operand, negated);
  if (cursor.acceptWord('LIKE')) return readMatch(cursor, operand, negated, 'LIKE');
  if (!cursor.acceptWord('SIMILAR')) return cursor.stop('BETWEEN, IN, LIKE or SIMILAR TO is expected after NOT');
  cursor.expectWord('TO', 'SIMILAR TO');
  return readMatch(cursor, operand, negated, 'SIMILAR TO');
}

function readBetween(cursor: Cursor, operand: Node, negated: boolean): Node {
  const symmetric = cursor.acceptWord('SYMMETRIC');
  const followed = cursor.peek(1).kind === 'symbol' && !cursor.isSymbol('(', 1);
  if (!symmetric && cursor.word() === 'ASYMMETRIC' && !followed) cursor.advance();
  const low = readNode(cursor, POWER.range);
  cursor.expectWord('AND', 'BETWEEN low AND high');
  const high = readNode(cursor, POWER.range);
  return { kind: 'between', negated, symmetric, operand, low, high, start: operand.start, end: high.end };
}

function readIn(cursor: Cursor, operand: Node, negated: boolean): Node {
  cursor.expectSymbol('(', 'IN (value, value)');
  if (cursor.isSymbol(')')) cursor.stop('IN needs at least one value');
  const values = [readNode(cursor)];
  while (cursor.acceptSymbol(',')) values.push(readNode(cursor));
  cursor.expectSymbol(')', 'IN (value, value)');
  return { kind: 'in', negated, operand, values, start: operand.start, end: cursor.end };
}

function readMatch(cursor: Cursor, operand: Node, negated: boolean, operator: 'LIKE' | 'SIMILAR TO'): Node {
  const pattern = readNode(cursor, POWER.range);
  const { start } = operand;
  if (!cursor.acceptWord('ESCAPE')) {
    return { kind: 'match', operator, negated, operand, pattern, start, end: cursor.end };
  }
  const token = cursor.peek();
  if (token.kind !== 'string' || [...token.value].length !== 1) cursor.stop("ESCAPE needs one character, like '!'");
  const mark = cursor.advance().value;
  return { kind: 'match', operator, negated, operand, pattern, escape: mark, start, end: cursor.end };
}
