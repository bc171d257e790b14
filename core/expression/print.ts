import type { Expression, Literal, Node } from './ast.ts';
import { isReserved } from './grammar.ts';
import { formatTimestamp } from './runtime/timestamp.ts';

/**
 * An expression as text that reads back as the same tree: canonical names, every operand of an operator that is not a
 * plain value in parentheses.
 */
export function printExpression(expression: Expression | Node): string {
  return print(expression.kind === 'expression' ? expression.root : expression);
}

function print(node: Node): string {
  switch (node.kind) {
    case 'literal':
      return printLiteral(node);
    case 'column':
      return node.path.map(printName).join('.');
    case 'element':
      return `${isBareColumn(node.target) ? print(node.target) : printTarget(node.target)}[${print(node.index)}]`;
    case 'field':
      return `${printTarget(node.target)}.${printName(node.name)}`;
    case 'negation':
      return `-(${print(node.operand)})`;
    case 'not':
      return `NOT ${operand(node.operand)}`;
    case 'arithmetic':
    case 'comparison':
      return `${operand(node.left)} ${node.operator} ${operand(node.right)}`;
    case 'distinct':
      return `${operand(node.left)} IS ${not(node.negated)}DISTINCT FROM ${operand(node.right)}`;
    case 'logic':
      return node.operands.map(operand).join(` ${node.operator} `);
    case 'is':
      return `${operand(node.operand)} IS ${not(node.negated)}${node.test}`;
    case 'cast': {
      const type = node.length === undefined ? node.type : `VARCHAR(${node.length})`;
      return `${node.lenient ? 'TRY_CAST' : 'CAST'}(${print(node.operand)} AS ${type})`;
    }
    default:
      return printList(node);
  }
}

function printList(node: Extract<Node, { kind: 'between' | 'in' | 'match' | 'case' | 'call' }>): string {
  switch (node.kind) {
    case 'between': {
      const symmetric = node.symmetric ? 'SYMMETRIC ' : '';
      const range = `${operand(node.low)} AND ${operand(node.high)}`;
      return `${operand(node.operand)} ${not(node.negated)}BETWEEN ${symmetric}${range}`;
    }
    case 'in':
      return `${operand(node.operand)} ${not(node.negated)}IN (${node.values.map(print).join(', ')})`;
    case 'match': {
      const mark = node.escape === undefined ? '' : ` ESCAPE ${quoted(node.escape)}`;
      return `${operand(node.operand)} ${not(node.negated)}${node.operator} ${operand(node.pattern)}${mark}`;
    }
    case 'case': {
      const branches = node.branches.map(
        ({ when, value }) => `WHEN ${when.map(print).join(', ')} THEN ${print(value)}`,
      );
      const parts = [
        node.operand && print(node.operand),
        ...branches,
        node.otherwise && `ELSE ${print(node.otherwise)}`,
      ];
      return ['CASE', ...parts.filter((part) => part !== undefined), 'END'].join(' ');
    }
    case 'call':
      return printCall(node);
  }
}

function printCall({ name, unit, arguments: given }: Extract<Node, { kind: 'call' }>): string {
  const [first = '', second = ''] = given.map(print);
  if (name === 'EXTRACT') return `EXTRACT(${unit} FROM ${first})`;
  if (name === 'FLOOR TO' || name === 'CEIL TO') return `${name.slice(0, -3)}(${first} TO ${unit})`;
  if (unit !== undefined) return `${name}(${unit}, ${first}, ${second})`;
  return `${name}(${given.map(print).join(', ')})`;
}

function not(negated: boolean): string {
  return negated ? 'NOT ' : '';
}

function operand(node: Node): string {
  const bare = node.kind === 'literal' || node.kind === 'column' || node.kind === 'call' || node.kind === 'cast';
  return bare ? print(node) : `(${print(node)})`;
}

/** A path followed by a field would read as a longer path, so only calls and elements stand bare before one. */
function printTarget(node: Node): string {
  return node.kind === 'element' || node.kind === 'field' || node.kind === 'call' ? print(node) : `(${print(node)})`;
}

/** A column before `[`; those that begin with ARRAY or MAP would read as the making of one. */
function isBareColumn(node: Node): boolean {
  return node.kind === 'column' && !/^(?:array|map)$/i.test(node.path[0] ?? '');
}

function printLiteral({ type, value }: Literal): string {
  switch (type) {
    case 'string':
      return quoted(String(value));
    case 'timestamp':
      return `TIMESTAMP '${formatTimestamp(Number(value))}'`;
    case 'interval':
      return `INTERVAL '${secondsOf(Number(value))}' SECOND`;
    case 'double':
      return /^-?\d+$/.test(String(value)) ? `${value}.0` : String(value);
    default:
      return String(value).toUpperCase();
  }
}

function secondsOf(ms: number): string {
  const size = Math.abs(ms);
  const text = `${Math.floor(size / 1_000)}.${String(size % 1_000).padStart(3, '0')}`;
  return ms < 0 ? `-${text}` : text;
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}

function printName(name: string): string {
  return /^[A-Za-z_][A-Za-z_0-9]*$/.test(name) && !isReserved(name) ? name : `\`${name.replaceAll('`', '``')}\``;
}
