import { accessOf, propertyOf } from './access.ts';
import type {
  Arithmetic,
  Between,
  Call,
  Case,
  Cast,
  CastType,
  Comparison,
  In,
  Literal,
  Logic,
  Match,
  Node,
} from './ast.ts';
import { FUNCTIONS, type RuntimeName } from './catalog.ts';
import { type ConstantCode, constantArgument, likeCode, similarCode, textLiteral } from './constant.ts';
import type { ValueType } from './type.ts';

/**
 * A tree to JavaScript.
 *
 * 1. The code is one expression. Operands that are used twice go through local variables; no closure, array or object is
 *    made per record.
 * 2. A condition is written in one of three modes: its value (true, false, null), whether it is TRUE, or whether it is
 *    FALSE. The last two are plain booleans without NULL: NOT exchanges them, AND and OR become && and ||.
 * 3. Each operator tests for the types it is made for and does the work in place; all else, NULL included, is a call of
 *    the runtime, which gives NULL or refuses the record.
 * 4. From the tree come only numbers, escaped string literals and names of the runtime; never text of the user.
 * 5. AND, OR, IN, CASE and CONCAT stay flat however long they are, so that V8's parser does not nest either.
 */
type Mode = 'value' | 'true' | 'false';
type Part = (mode: Mode) => string;

/** Something to compare or compute with: `setup` runs first, then `code` is a name or a literal. */
type Operand = { readonly setup: string; readonly code: string; readonly literal?: 'number' | 'string' };

const FAST: Readonly<Record<Comparison['operator'], string>> = {
  '=': '===',
  '<>': '!==',
  '<': '<',
  '<=': '<=',
  '>': '>',
  '>=': '>=',
};

const SLOW: Readonly<Record<Comparison['operator'], readonly [RuntimeName, boolean]>> = {
  '=': ['equal', false],
  '<>': ['unequal', false],
  '<': ['lessThan', false],
  '<=': ['atMost', false],
  '>': ['lessThan', true],
  '>=': ['atMost', true],
};

const ARITHMETIC: Readonly<Record<Arithmetic['operator'], RuntimeName>> = {
  '+': 'add',
  '-': 'subtract',
  '*': 'multiply',
  '/': 'divide',
  '%': 'remainder',
  '||': 'concat',
};

const CASTS: Readonly<Record<CastType, RuntimeName>> = {
  STRING: 'castText',
  INT: 'castInt',
  BIGINT: 'castBigint',
  DOUBLE: 'castDouble',
  BOOLEAN: 'castBoolean',
  TIMESTAMP: 'castTimestamp',
};

/** From this many constants on, IN looks into a set. */
const SET_FROM = 4;

export class Emitter {
  readonly used = new Set<RuntimeName>();
  readonly constants: string[] = [];
  readonly locals: string[] = [];
  readonly #types: ReadonlyMap<Node, ValueType>;

  constructor(types: ReadonlyMap<Node, ValueType>) {
    this.#types = types;
  }

  /** The value of a node; NULL may be undefined. */
  value(node: Node): string {
    switch (node.kind) {
      case 'literal':
        return literalCode(node);
      case 'column':
        return node.path.reduce((target, name) => this.#access(target, name), 'record');
      case 'field':
        return this.#access(this.value(node.target), node.name);
      case 'element':
        return this.#call('element', this.value(node.target), this.value(node.index));
      case 'negation': {
        const local = this.#local();
        return `(typeof (${local} = ${this.value(node.operand)}) === "number" ? -${local} : ${this.#call('negate', local)})`;
      }
      case 'arithmetic':
        return this.#arithmetic(node);
      case 'case':
        return this.#case(node);
      case 'cast':
        return this.#cast(node);
      case 'call':
        return this.#callOf(node);
      default:
        return this.condition(node, 'value');
    }
  }

  /** A condition in one of the three modes. */
  condition(node: Node, mode: Mode): string {
    switch (node.kind) {
      case 'not':
        return this.#not((inner) => this.condition(node.operand, inner), mode);
      case 'logic':
        return this.#logic(
          node.operator,
          node.operands.map((operand) => (inner) => this.condition(operand, inner)),
          mode,
        );
      case 'is':
        return certain(this.#is(node), node.negated, mode);
      case 'distinct':
        return certain(this.#call('distinct', this.value(node.left), this.value(node.right)), node.negated, mode);
      case 'comparison':
        return this.#compare(node.operator, this.#operand(node.left), this.#operand(node.right), mode);
      case 'between':
        return this.#negatable(node, (inner) => this.#between(node, inner), mode);
      case 'in':
        return this.#negatable(node, (inner) => this.#in(node, inner), mode);
      case 'match':
        return this.#negatable(node, (inner) => inMode(this.#match(node), inner), mode);
      default:
        return inMode(this.#call('truthOf', this.value(node)), mode);
    }
  }

  #call(name: RuntimeName, ...given: string[]): string {
    this.used.add(name);
    return `_${name}(${given.join(', ')})`;
  }

  #local(): string {
    const name = `v${this.locals.length}`;
    this.locals.push(name);
    return name;
  }

  #constant(code: string): string {
    this.constants.push(code);
    return `c${this.constants.length - 1}`;
  }

  #hoisted(constant: ConstantCode): string {
    if (constant.kind === 'code') return this.#constant(constant.code);
    throw new TypeError(`a fault has passed the check: ${constant.message}`);
  }

  #access(target: string, name: string): string {
    const access = accessOf(name);
    if (access === 'own') return this.#call('ownField', target, textLiteral(name));
    if (access === 'plain') return propertyOf(target, name);
    const local = this.#local();
    return `(typeof (${local} = ${propertyOf(target, name)}) === "function" ? null : ${local})`;
  }

  #operand(node: Node): Operand {
    if (node.kind === 'literal') {
      const type = typeof node.value;
      const literal = type === 'number' || type === 'string' ? { literal: type } : {};
      return { setup: '', code: literalCode(node), ...literal } as Operand;
    }
    const local = this.#local();
    return { setup: `${local} = ${this.value(node)}`, code: local };
  }

  #arithmetic({ operator, left, right }: Arithmetic): string {
    const [a, b] = [this.#operand(left), this.#operand(right)];
    const wanted = operator === '||' ? 'string' : 'number';
    const slow = this.#call(ARITHMETIC[operator], a.code, b.code);
    const fast = fastTest(a, b, wanted);
    if (fast === undefined) return sequence(a.setup, b.setup, slow);
    const own = `${a.code} ${operator === '||' ? '+' : operator} ${b.code}`;
    return sequence(a.setup, b.setup, `${fast} ? ${own} : ${slow}`);
  }

  #compare(operator: Comparison['operator'], a: Operand, b: Operand, mode: Mode): string {
    const [name, swapped] = SLOW[operator];
    const slow = inMode(swapped ? this.#call(name, b.code, a.code) : this.#call(name, a.code, b.code), mode);
    const texts = a.literal === 'string' || b.literal === 'string';
    const exact = operator === '=' || operator === '<>';
    const fast = texts && !exact ? undefined : fastTest(a, b, texts ? 'string' : 'number');
    if (fast === undefined) return sequence(a.setup, b.setup, slow);
    const own = `${a.code} ${FAST[operator]} ${b.code}`;
    return sequence(a.setup, b.setup, `${fast} ? ${mode === 'false' ? `!(${own})` : own} : ${slow}`);
  }

  #not(part: Part, mode: Mode): string {
    if (mode !== 'value') return part(mode === 'true' ? 'false' : 'true');
    const local = this.#local();
    return `((${local} = ${part('value')}) === null ? null : !${local})`;
  }

  #negatable({ negated }: { readonly negated: boolean }, part: Part, mode: Mode): string {
    return negated ? this.#not(part, mode) : part(mode);
  }

  /** AND and OR. The value looks for the deciding operand and remembers whether a NULL was passed. */
  #logic(operator: Logic['operator'], parts: readonly Part[], mode: Mode): string {
    const both = operator === 'AND';
    if (mode !== 'value') {
      const all = parts.map((part) => part(mode)).join(both === (mode === 'true') ? ' && ' : ' || ');
      return `(${all})`;
    }
    const [each, rest] = [this.#local(), this.#local()];
    const decided = parts.map(
      (part) => `(${each} = ${part('value')}) === ${!both} || (${each} === null && (${rest} = null), false)`,
    );
    return `(${rest} = ${both}, (${decided.join(' || ')}) ? ${!both} : ${rest})`;
  }

  #is({ operand, test }: Extract<Node, { kind: 'is' }>): string {
    if (test === 'NULL') return `(${this.value(operand)} == null)`;
    if (test === 'UNKNOWN') return `(${this.condition(operand, 'value')} === null)`;
    return this.condition(operand, test === 'TRUE' ? 'true' : 'false');
  }

  #between({ operand, low, high, symmetric }: Between, mode: Mode): string {
    const [value, from, to] = [this.#operand(operand), this.#operand(low), this.#operand(high)];
    const bare = (side: Operand): Operand => ({ ...side, setup: '' });
    const within =
      (least: Operand, most: Operand): Part =>
      (inner) =>
        this.#logic(
          'AND',
          [
            (deepest) => this.#compare('>=', bare(value), bare(least), deepest),
            (deepest) => this.#compare('<=', bare(value), bare(most), deepest),
          ],
          inner,
        );
    const either = symmetric ? this.#logic('OR', [within(from, to), within(to, from)], mode) : within(from, to)(mode);
    return sequence(value.setup, from.setup, to.setup, either);
  }

  #in({ operand, values }: In, mode: Mode): string {
    const value = this.#operand(operand);
    const kind = setKind(values);
    if (kind !== undefined && values.length >= SET_FROM) {
      const set = this.#constant(`new Set([${values.map((each) => literalCode(each as Literal)).join(', ')}])`);
      const own = `${set}.has(${value.code})`;
      const slow = inMode(this.#call('memberOf', set, value.code), mode);
      return sequence(
        value.setup,
        `typeof ${value.code} === "${kind}" ? ${mode === 'false' ? `!${own}` : own} : ${slow}`,
      );
    }
    const bare: Operand = { ...value, setup: '' };
    const parts = values.map(
      (each): Part =>
        (inner) =>
          this.#compare('=', bare, this.#operand(each), inner),
    );
    return sequence(value.setup, this.#logic('OR', parts, mode));
  }

  #match({ operator, operand, pattern, escape: mark }: Match): string {
    const text = this.value(operand);
    if (operator === 'SIMILAR TO') return this.#call('similar', text, this.#hoisted(similarCode(pattern, mark)));
    const constant = likeCode(pattern, mark);
    if (constant) return this.#call('like', text, this.#hoisted(constant));
    return this.#call('likeText', text, this.value(pattern), ...(mark === undefined ? [] : [textLiteral(mark)]));
  }

  #case({ operand, branches, otherwise }: Case): string {
    const result = this.#local();
    const value = operand && this.#operand(operand);
    const bare: Operand | undefined = value && { ...value, setup: '' };
    const tests = branches.map(({ when, value: then }) => {
      const conditions = when.map((each) =>
        bare ? this.#compare('=', bare, this.#operand(each), 'true') : this.condition(each, 'true'),
      );
      return `(${conditions.join(' || ')}) && (${result} = ${this.value(then)}, true)`;
    });
    if (otherwise) tests.push(`(${result} = ${this.value(otherwise)}, true)`);
    return sequence(value?.setup ?? '', `${result} = null`, tests.join(' || '), result);
  }

  #cast({ operand, type, lenient, length }: Cast): string {
    const given = [this.value(operand), String(lenient), ...(length === undefined ? [] : [String(length)])];
    const isTime = type === 'STRING' && this.#types.get(operand) === 'timestamp';
    return this.#call(isTime ? 'castTimestampText' : CASTS[type], ...given);
  }

  #callOf(node: Call): string {
    const definition = FUNCTIONS.get(node.name);
    if (definition === undefined) throw new TypeError(`${node.name} has passed the parser`);
    const { code, parameters } = definition;
    switch (code.kind) {
      case 'rowtime':
        return this.#call('rowtime', 'timestamp');
      case 'coalesce':
        return `(${node.arguments.map((argument) => this.value(argument)).join(' ?? ')})`;
      case 'nullif':
        return this.#nullIf(node);
      case 'if': {
        const [test, then, otherwise] = node.arguments as readonly [Node, Node, Node];
        return `(${this.condition(test, 'true')} ? ${this.value(then)} : ${this.value(otherwise)})`;
      }
      case 'fold':
        return this.#fold(node, code.target);
      case 'concat-ws':
        return this.#concatWith(node);
      case 'unit':
        return this.#call(
          code.target,
          textLiteral(node.unit ?? ''),
          ...node.arguments.map((argument) => this.value(argument)),
        );
      case 'call': {
        const given = node.arguments.map((argument, index) => {
          const constant = constantArgument(parameters[index] ?? 'any', argument);
          return constant ? this.#hoisted(constant) : this.value(argument);
        });
        return this.#call(code.target, ...given);
      }
    }
  }

  #nullIf(node: Call): string {
    const [left, right] = node.arguments.map((argument) => this.#operand(argument)) as [Operand, Operand];
    const same = this.#compare('=', { ...left, setup: '' }, { ...right, setup: '' }, 'true');
    return sequence(left.setup, right.setup, `${same} ? null : ${left.code}`);
  }

  #fold(node: Call, target: RuntimeName): string {
    const all = this.#local();
    const [first = 'null', ...rest] = node.arguments.map((argument) => this.value(argument));
    const steps = (rest.length === 0 && target === 'concat' ? ['""'] : rest).map(
      (next) => `${all} = ${this.#call(target, all, next)}`,
    );
    return sequence(`${all} = ${first}`, ...steps, all);
  }

  #concatWith(node: Call): string {
    const [separator, all] = [this.#local(), this.#local()];
    const [first = 'null', ...rest] = node.arguments.map((argument) => this.value(argument));
    const steps = rest.map((next) => `${all} = ${this.#call('concatWith', separator, all, next)}`);
    return sequence(
      `${separator} = ${first}`,
      `${all} = undefined`,
      ...steps,
      `${separator} == null ? null : ${all} ?? ""`,
    );
  }
}

/** Several steps and a result, as one expression. */
function sequence(...steps: string[]): string {
  return `(${steps.filter((step) => step !== '').join(', ')})`;
}

/** Code that yields true, false or null, in a mode. */
function inMode(code: string, mode: Mode): string {
  return mode === 'value' ? code : `${code} === ${mode}`;
}

/** Code that yields true or false and never NULL, in a mode. */
function certain(code: string, negated: boolean, mode: Mode): string {
  return negated === (mode === 'false') ? code : `!(${code})`;
}

/** The test under which both sides are of the wanted type; undefined where a literal is of another. */
function fastTest(a: Operand, b: Operand, wanted: 'number' | 'string'): string | undefined {
  const open = [a, b].filter((side) => side.literal !== wanted);
  if (open.length === 0 || open.some((side) => side.setup === '' && !/^v\d+$/.test(side.code))) return undefined;
  return open.map((side) => `typeof ${side.code} === "${wanted}"`).join(' && ');
}

/** The JavaScript type that all values share, as constants other than NULL. */
function setKind(values: readonly Node[]): string | undefined {
  const kinds = new Set(values.map((value) => (value.kind === 'literal' ? typeof value.value : 'open')));
  const [kind] = kinds;
  return kinds.size === 1 && (kind === 'string' || kind === 'number') ? kind : undefined;
}

function literalCode({ value }: Literal): string {
  if (typeof value === 'string') return textLiteral(value);
  if (typeof value === 'bigint') return `(${value}n)`;
  return typeof value === 'number' && (value < 0 || Object.is(value, -0))
    ? `(${Object.is(value, -0) ? '-0' : value})`
    : String(value);
}
