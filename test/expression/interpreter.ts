import { PoisonRecordError } from '../../core/error/error.ts';
import type { Branch, Call, Node } from '../../core/expression/ast.ts';
import * as runtime from '../../core/expression/runtime/runtime.ts';
import type { ValueType } from '../../core/expression/type.ts';

/**
 * The meaning of a tree, as plainly as it can be said: a walk that computes every value, with no modes, no fast paths and no
 * generated code. Functions of single values are the runtime's, which has tests of its own; all that the compiler does
 * itself (fields, logic, comparison, arithmetic, CASE, IN, BETWEEN) is done here anew.
 */
export function interpret(node: Node, record: unknown, types: ReadonlyMap<Node, ValueType>): unknown {
  const value = (child: Node): unknown => interpret(child, record, types);
  switch (node.kind) {
    case 'literal':
      return node.value;
    case 'column':
      return node.path.reduce(field, record);
    case 'field':
      return field(value(node.target), node.name);
    case 'element':
      return runtime.element(value(node.target), value(node.index)) ?? null;
    case 'negation':
      return runtime.negate(value(node.operand));
    case 'arithmetic':
      return arithmetic(node.operator, value(node.left), value(node.right));
    case 'comparison':
      return compare(node.operator, value(node.left), value(node.right));
    case 'not':
      return not(truth(value(node.operand)));
    case 'logic':
      return logic(
        node.operator,
        node.operands.map((operand) => () => truth(value(operand))),
      );
    case 'is': {
      const operand = node.test === 'NULL' ? value(node.operand) : truth(value(node.operand));
      const wanted = node.test === 'TRUE' ? true : node.test === 'FALSE' ? false : null;
      return (operand === wanted) !== node.negated;
    }
    case 'distinct': {
      const [left, right] = [value(node.left), value(node.right)];
      const bothNaN = Number.isNaN(left) && Number.isNaN(right);
      const same = left === null || right === null ? left === right : bothNaN || compare('=', left, right) === true;
      return same === node.negated;
    }
    case 'between': {
      const [x, low, high] = [value(node.operand), value(node.low), value(node.high)];
      const within = (least: unknown, most: unknown) => () =>
        logic('AND', [() => compare('>=', x, least), () => compare('<=', x, most)]);
      const either = node.symmetric ? logic('OR', [within(low, high), within(high, low)]) : within(low, high)();
      return node.negated ? not(either) : either;
    }
    case 'in': {
      const operand = value(node.operand);
      const found = logic(
        'OR',
        node.values.map((each) => () => compare('=', operand, value(each))),
      );
      return node.negated ? not(found) : found;
    }
    case 'case':
      return chosen(node.operand && { value: value(node.operand) }, node.branches, node.otherwise, value);
    case 'cast':
      if (node.type === 'STRING' && types.get(node.operand) === 'timestamp') {
        return runtime.castTimestampText(value(node.operand), node.lenient);
      }
      return cast(node.type, value(node.operand), node.lenient);
    case 'call':
      return call(node, value);
    case 'match':
      throw new Error('patterns have tests of their own');
  }
}

type Truth = boolean | null;

function field(target: unknown, name: string): unknown {
  if (typeof target !== 'object' || target === null || Array.isArray(target)) return null;
  return Object.entries(target).find(([key]) => key === name)?.[1] ?? null;
}

function truth(value: unknown): Truth {
  if (value === null || typeof value === 'boolean') return value;
  throw new PoisonRecordError('no condition');
}

function not(value: Truth): Truth {
  return value === null ? null : !value;
}

/** Stops at the operand that decides, as generated code does, so that the same records are refused. */
function logic(operator: 'AND' | 'OR', operands: readonly (() => Truth)[]): Truth {
  const deciding = operator === 'OR';
  let unknown = false;
  for (const operand of operands) {
    const value = operand();
    if (value === deciding) return deciding;
    unknown ||= value === null;
  }
  return unknown ? null : !deciding;
}

const ORDER: Record<string, (sign: number) => boolean> = {
  '=': (sign) => sign === 0,
  '<>': (sign) => sign !== 0,
  '<': (sign) => sign < 0,
  '<=': (sign) => sign <= 0,
  '>': (sign) => sign > 0,
  '>=': (sign) => sign >= 0,
};

function compare(operator: string, left: unknown, right: unknown): Truth {
  if (left === null || right === null) return null;
  return ORDER[operator]?.(signOf(left, right)) ?? null;
}

/** Below, at or above 0; NaN where there is no order. */
function signOf(left: unknown, right: unknown): number {
  const numeric = (value: unknown) => typeof value === 'number' || typeof value === 'bigint';
  if (numeric(left) && numeric(right)) {
    const [a, b] = [left as number, right as number];
    if (Number.isNaN(a) || Number.isNaN(b)) return Number.NaN;
    return a < b ? -1 : a > b ? 1 : 0;
  }
  if (typeof left === 'boolean' && typeof right === 'boolean') return Number(left) - Number(right);
  if (typeof left === 'string' && typeof right === 'string') return signOfTexts([...left], [...right]);
  throw new PoisonRecordError('unlike');
}

function signOfTexts(left: readonly string[], right: readonly string[]): number {
  for (let at = 0; at < Math.min(left.length, right.length); at++) {
    const difference = (left[at]?.codePointAt(0) ?? 0) - (right[at]?.codePointAt(0) ?? 0);
    if (difference !== 0) return difference;
  }
  return left.length - right.length;
}

function arithmetic(operator: string, left: unknown, right: unknown): unknown {
  if (operator === '||') {
    for (const side of [left, right])
      if (side !== null && typeof side !== 'string') throw new PoisonRecordError('no text');
    return left === null || right === null ? null : `${left}${right}`;
  }
  if (left === null || right === null) return null;
  const [a, b] = [exact(left, right), exact(right, left)];
  if (typeof a === 'bigint' && typeof b === 'bigint') {
    if (b === 0n && '/%'.includes(operator)) throw new PoisonRecordError('zero');
    const results: Record<string, () => bigint> = {
      '+': () => a + b,
      '-': () => a - b,
      '*': () => a * b,
      '/': () => a / b,
      '%': () => a % b,
    };
    return results[operator]?.();
  }
  const [x, y] = [Number(a), Number(b)];
  const results: Record<string, number> = { '+': x + y, '-': x - y, '*': x * y, '/': x / y, '%': x % y };
  return results[operator];
}

function exact(value: unknown, other: unknown): number | bigint {
  if (typeof value === 'bigint') return value;
  if (typeof value !== 'number') throw new PoisonRecordError('no number');
  if (typeof other === 'bigint' && Number.isSafeInteger(value)) return BigInt(value);
  return value;
}

function chosen(
  operand: { readonly value: unknown } | undefined,
  branches: readonly Branch[],
  otherwise: Node | undefined,
  value: (node: Node) => unknown,
): unknown {
  for (const branch of branches) {
    for (const when of branch.when) {
      const hit = operand ? compare('=', operand.value, value(when)) : truth(value(when));
      if (hit === true) return value(branch.value);
    }
  }
  return otherwise ? value(otherwise) : null;
}

function cast(type: string, value: unknown, lenient: boolean): unknown {
  switch (type) {
    case 'STRING':
      return runtime.castText(value, lenient);
    case 'INT':
      return runtime.castInt(value, lenient);
    case 'BIGINT':
      return runtime.castBigint(value, lenient);
    case 'DOUBLE':
      return runtime.castDouble(value, lenient);
    case 'BOOLEAN':
      return runtime.castBoolean(value, lenient);
    default:
      return runtime.castTimestamp(value, lenient);
  }
}

function call({ name, arguments: given, unit }: Call, value: (node: Node) => unknown): unknown {
  const [first, second, third] = given as readonly [Node, Node, Node];
  switch (name) {
    case 'COALESCE':
      return given.reduce<unknown>((found, each) => found ?? value(each), null);
    case 'NULLIF': {
      const [left, right] = [value(first), value(second)];
      return compare('=', left, right) === true ? null : left;
    }
    case 'IF':
      return truth(value(first)) === true ? value(second) : value(third);
    case 'GREATEST':
      return given.map(value).reduce(runtime.greatest);
    case 'LEAST':
      return given.map(value).reduce(runtime.least);
    case 'CONCAT':
      return given.map(value).reduce(runtime.concat);
    case 'ABS':
      return runtime.abs(value(first));
    case 'UPPER':
      return runtime.upper(value(first));
    case 'FLOOR':
      return runtime.floor(value(first));
    default:
      return runtime.extract(unit ?? 'DAY', value(first));
  }
}
