import type { Arithmetic, Call, Case, Cast, Column, Element, Expression, Match, Node } from './ast.ts';
import { childrenOf } from './ast.ts';
import { FUNCTIONS, type Parameter } from './catalog.ts';
import { type ConstantCode, constantArgument, likeCode, similarCode } from './constant.ts';
import { type ExpressionFault, suggestion } from './fault.ts';
import {
  commonType,
  comparable,
  type Family,
  familyOf,
  isArrayType,
  isNumeric,
  isRecordType,
  nameOfType,
  type RecordSchema,
  type ValueType,
} from './type.ts';

/** `input` names the columns' owner in messages; `expect` refuses a result that is known to be no condition. */
export type CheckOptions = { readonly input?: string; readonly expect?: 'condition' };

/** The type of an expression and everything that is wrong with it, in the order of the text. */
export type Checked = { readonly type: ValueType; readonly faults: ExpressionFault[] };

/**
 * Checks names against known columns and types where they are known.
 *
 * Without a schema no column is checked, and whatever has a column in it is of unknown type; constants still are.
 *
 * @example
 * checkExpression(parseExpression('prise > 1'), { price: 'int' }, { input: 'bids' }).faults[0]?.message;
 * // 'column "prise" is not in bids; did you mean "price"?'
 */
export function checkExpression(expression: Expression, schema?: RecordSchema, options: CheckOptions = {}): Checked {
  const { types, faults } = checkNodes(expression, schema, options);
  return { type: types.get(expression.root) ?? 'unknown', faults };
}

/** The types of all nodes too, for the compiler. */
export function checkNodes(
  { root }: Expression,
  schema: RecordSchema | undefined,
  { input = 'the input', expect }: CheckOptions,
): { readonly types: ReadonlyMap<Node, ValueType>; readonly faults: ExpressionFault[] } {
  const checker = new Checker(schema, input);
  checker.visit(root);
  if (expect === 'condition') checker.wantCondition(root);
  return { types: checker.types, faults: checker.faults.sort((left, right) => left.offset - right.offset) };
}

const PARAMETER_FAMILIES: Partial<Record<Parameter, readonly Family[]>> = {
  text: ['text'],
  number: ['number', 'interval'],
  boolean: ['boolean'],
  timestamp: ['timestamp', 'number'],
};

const WANTED: Partial<Record<Parameter, string>> = {
  text: 'text; write CAST(… AS STRING)',
  number: 'a number; write CAST(… AS DOUBLE)',
  boolean: 'a condition',
  timestamp: 'a timestamp; write TO_TIMESTAMP(…)',
};

type Condition = Extract<
  Node,
  { kind: 'not' | 'logic' | 'is' | 'comparison' | 'distinct' | 'between' | 'in' | 'match' }
>;

class Checker {
  readonly types = new Map<Node, ValueType>();
  readonly faults: ExpressionFault[] = [];
  readonly #schema: RecordSchema | undefined;
  readonly #input: string;

  constructor(schema: RecordSchema | undefined, input: string) {
    this.#schema = schema;
    this.#input = input;
  }

  visit(node: Node): void {
    for (const child of childrenOf(node)) this.visit(child);
    this.types.set(node, this.#typeOf(node));
  }

  wantCondition(node: Node): void {
    const type = this.#type(node);
    const family = familyOf(type);
    if (family === 'boolean' || family === 'any') return;
    this.#note(node, `a condition is expected; this is ${nameOfType(type)}: compare it with something, as in … > 0`);
  }

  #typeOf(node: Node): ValueType {
    switch (node.kind) {
      case 'literal':
        return node.type;
      case 'column':
        return this.#columnType(node);
      case 'element':
        return this.#elementType(node);
      case 'field':
        return this.#fieldType(node, this.#type(node.target), node.name);
      case 'negation':
        return this.#wantNumber(node.operand);
      case 'arithmetic':
        return this.#arithmeticType(node);
      case 'case':
        return this.#caseType(node);
      case 'cast':
        return this.#castType(node);
      case 'call':
        return this.#callType(node);
      default:
        this.#checkCondition(node);
        return 'boolean';
    }
  }

  #checkCondition(node: Condition): void {
    switch (node.kind) {
      case 'not':
        this.wantCondition(node.operand);
        break;
      case 'logic':
        for (const operand of node.operands) this.wantCondition(operand);
        break;
      case 'is':
        if (node.test !== 'NULL') this.wantCondition(node.operand);
        break;
      case 'comparison':
      case 'distinct':
        this.#wantComparable(node.left, node.right);
        break;
      case 'between':
        this.#wantComparable(node.operand, node.low);
        this.#wantComparable(node.operand, node.high);
        break;
      case 'in':
        for (const value of node.values) this.#wantComparable(node.operand, value);
        break;
      case 'match':
        this.#checkMatch(node);
    }
  }

  #type(node: Node): ValueType {
    return this.types.get(node) ?? 'unknown';
  }

  #note({ start, end }: Node, message: string): void {
    this.faults.push({ offset: start + 1, length: end - start, message });
  }

  #columnType(node: Column): ValueType {
    const [first = '', ...rest] = node.path;
    const schema = this.#schema;
    if (schema === undefined) return 'unknown';
    if (!Object.hasOwn(schema, first)) {
      const columns = Object.keys(schema);
      const has = columns.length > 12 ? `${columns.slice(0, 12).join(', ')}, …` : columns.join(', ');
      const way = suggestion(first, columns) || (has === '' ? '' : `; it has ${has}`);
      this.#note(node, `column "${first}" is not in ${this.#input}${way}`);
      return 'unknown';
    }
    return rest.reduce<ValueType>((type, name) => this.#fieldType(node, type, name), schema[first] ?? 'unknown');
  }

  #fieldType(node: Node, type: ValueType, name: string): ValueType {
    if (type === 'unknown' || type === 'null') return 'unknown';
    if (!isRecordType(type)) {
      this.#note(node, `"${name}" is not there: what stands before it is ${nameOfType(type)} and has no fields`);
      return 'unknown';
    }
    if (Object.hasOwn(type, name)) return type[name] ?? 'unknown';
    this.#note(node, `field "${name}" is not there${suggestion(name, Object.keys(type))}`);
    return 'unknown';
  }

  #elementType({ target, index }: Element): ValueType {
    const type = this.#type(target);
    const family = familyOf(this.#type(index));
    if (isArrayType(type)) {
      if (family !== 'number' && family !== 'any')
        this.#note(index, 'the elements of an array are named by numbers, from 1');
      if (index.kind === 'literal' && typeof index.value === 'number' && index.value < 1) {
        this.#note(index, 'the elements of an array are counted from 1');
      }
      return type[0];
    }
    if (isRecordType(type) && index.kind === 'literal') return this.#fieldType(index, type, String(index.value));
    if (familyOf(type) !== 'any' && !isRecordType(type))
      this.#note(target, `this is ${nameOfType(type)} and has no elements`);
    return 'unknown';
  }

  #wantNumber(node: Node): ValueType {
    const type = this.#type(node);
    const family = familyOf(type);
    if (family === 'number' || family === 'interval') return type;
    if (family !== 'any') this.#note(node, `a number is expected; this is ${nameOfType(type)}`);
    return 'unknown';
  }

  #arithmeticType(node: Arithmetic): ValueType {
    const { operator, left, right } = node;
    const [leftType, rightType] = [this.#type(left), this.#type(right)];
    const families = [familyOf(leftType), familyOf(rightType)] as const;
    if (operator === '||') {
      for (const side of [left, right]) this.#wantParameter('text', side, '||');
      return 'string';
    }
    const type = arithmeticType(operator, leftType, rightType);
    if (type !== undefined) return type;
    const way = operator === '+' && families.includes('text') ? '; texts are joined with ||' : '';
    this.#note(node, `${nameOfType(leftType)} and ${nameOfType(rightType)} cannot be combined with ${operator}${way}`);
    return 'unknown';
  }

  #wantComparable(left: Node, right: Node): void {
    const [leftType, rightType] = [this.#type(left), this.#type(right)];
    const families = [familyOf(leftType), familyOf(rightType)] as const;
    const composite = families.includes('array') || families.includes('record');
    if (!composite && comparable(families[0], families[1])) return;
    const place = { ...left, end: Math.max(left.end, right.end) };
    this.#note(
      place,
      `${nameOfType(leftType)} cannot be compared with ${nameOfType(rightType)}${wayToCompare(families)}`,
    );
  }

  #checkMatch({ operand, pattern, escape: mark, operator }: Match): void {
    this.#wantParameter('text', operand, operator);
    this.#wantParameter('text', pattern, operator);
    this.#noteConstant(pattern, operator === 'LIKE' ? likeCode(pattern, mark) : similarCode(pattern, mark));
  }

  #caseType({ operand, branches, otherwise }: Case): ValueType {
    for (const when of branches.flatMap((branch) => branch.when)) {
      if (operand) this.#wantComparable(operand, when);
      else this.wantCondition(when);
    }
    const values = [...branches.map(({ value }) => value), ...(otherwise ? [otherwise] : [])];
    return this.#commonType(values, 'the branches of CASE');
  }

  #commonType(values: readonly Node[], what: string): ValueType {
    let all: ValueType = 'null';
    for (const value of values) {
      const type = this.#type(value);
      const next = commonType(all, type);
      if (next === undefined)
        this.#note(value, `${what} have one type: before stands ${nameOfType(all)}, this is ${nameOfType(type)}`);
      all = next ?? 'unknown';
    }
    return all;
  }

  #castType({ operand, type }: Cast): ValueType {
    const given = familyOf(this.#type(operand));
    if (given === 'array' || given === 'record')
      this.#note(operand, `${nameOfType(this.#type(operand))} cannot be cast`);
    return (
      {
        STRING: 'string',
        INT: 'int',
        BIGINT: 'bigint',
        DOUBLE: 'double',
        BOOLEAN: 'boolean',
        TIMESTAMP: 'timestamp',
      } as const
    )[type];
  }

  #callType(node: Call): ValueType {
    const definition = FUNCTIONS.get(node.name);
    if (definition === undefined) return 'unknown';
    const { parameters, result, name } = definition;
    for (const [index, argument] of node.arguments.entries()) {
      const parameter = parameters[Math.min(index, parameters.length - 1)] ?? 'any';
      this.#wantParameter(parameter, argument, name);
      this.#noteConstant(argument, constantArgument(parameter, argument));
    }
    this.#checkAlike(node);
    return typeof result === 'function' ? result(node.arguments.map((argument) => this.#type(argument))) : result;
  }

  #checkAlike({ name, arguments: given }: Call): void {
    if (name === 'COALESCE' || name === 'IFNULL') this.#commonType(given, `the arguments of ${name}`);
    else if (name === 'IF') this.#commonType(given.slice(1), 'both values of IF');
    else if (name === 'NULLIF' || name === 'GREATEST' || name === 'LEAST') {
      for (const other of given.slice(1)) this.#wantComparable(given[0] ?? other, other);
    }
  }

  #wantParameter(parameter: Parameter, argument: Node, name: string): void {
    const type = this.#type(argument);
    const families = PARAMETER_FAMILIES[parameter];
    const family = familyOf(type);
    if (families === undefined || family === 'any' || families.includes(family)) return;
    this.#note(argument, `${name} takes ${WANTED[parameter]}; this is ${nameOfType(type)}`);
  }

  #noteConstant(node: Node, constant: ConstantCode | undefined): void {
    if (constant?.kind === 'fault') this.#note(node, constant.message);
  }
}

/** The type of two sides combined; undefined where they cannot be. Spans of time add to times and to each other. */
function arithmeticType(operator: string, left: ValueType, right: ValueType): ValueType | undefined {
  const [a, b] = [familyOf(left), familyOf(right)];
  const known = a !== 'any' && b !== 'any';
  if ((a !== 'any' && !isNumeric(a)) || (b !== 'any' && !isNumeric(b))) return undefined;
  if (!known) return 'unknown';
  if (a === 'number' && b === 'number') return operator === '/' ? quotientType(left, right) : commonType(left, right);
  const sum = operator === '+' || operator === '-';
  if (a === 'interval' && b === 'interval') return sum ? 'interval' : undefined;
  if (sum && b === 'interval') return left;
  if (operator === '+' && a === 'interval') return right;
  if (operator === '-' && a === 'timestamp' && b === 'timestamp') return 'interval';
  if (a === 'interval' && b === 'number' && (operator === '*' || operator === '/')) return 'interval';
  return a === 'number' && b === 'interval' && operator === '*' ? 'interval' : undefined;
}

function quotientType(left: ValueType, right: ValueType): ValueType {
  return left === 'bigint' && right === 'bigint' ? 'unknown' : 'double';
}

function wayToCompare([left, right]: readonly [Family, Family]): string {
  const either = (family: Family) => left === family || right === family;
  if (either('array') || either('record')) return '; compare an element or a field of it';
  if (!either('text')) return '';
  if (either('timestamp')) return "; write TO_TIMESTAMP(…) or TIMESTAMP '…'";
  return either('number') ? '; write CAST(… AS DOUBLE) or CAST(… AS STRING)' : '; write CAST(… AS BOOLEAN)';
}
