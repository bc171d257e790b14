import type { TimeUnit } from './time-unit.ts';

/**
 * The tree of an expression: immutable nodes tagged by `kind`, each with its place in the text.
 *
 * `start` and `end` are 0-based offsets, end exclusive. The tree is canonical: sugar such as `SUBSTRING(x FROM 2)`,
 * `TRIM(BOTH FROM x)` or `YEAR(t)` is a {@link Call} with plain arguments, and parentheses leave no trace.
 */
export type Node =
  | Literal
  | Column
  | Element
  | Field
  | Negation
  | Not
  | Arithmetic
  | Comparison
  | Distinct
  | Logic
  | Is
  | Between
  | In
  | Match
  | Case
  | Cast
  | Call;

/** An expression with the text that it was read from, which its offsets and messages refer to. */
export type Expression = { readonly kind: 'expression'; readonly text: string; readonly root: Node };

type Placed = { readonly start: number; readonly end: number };

export type LiteralType = 'string' | 'int' | 'bigint' | 'double' | 'boolean' | 'null' | 'timestamp' | 'interval';

/** A constant. Timestamps are epoch milliseconds, intervals are milliseconds. */
export type Literal = Placed & {
  readonly kind: 'literal';
  readonly type: LiteralType;
  readonly value: string | number | bigint | boolean | null;
};

/** `a.b.c`: a column of the record and fields below it. */
export type Column = Placed & { readonly kind: 'column'; readonly path: readonly string[] };

/** `list[1]`, counted from 1, or `map['key']`. */
export type Element = Placed & { readonly kind: 'element'; readonly target: Node; readonly index: Node };

/** `list[1].name`: a field of something that is not a plain column path. */
export type Field = Placed & { readonly kind: 'field'; readonly target: Node; readonly name: string };

/** `-x`. */
export type Negation = Placed & { readonly kind: 'negation'; readonly operand: Node };

/** `NOT x`. */
export type Not = Placed & { readonly kind: 'not'; readonly operand: Node };

export type ArithmeticOperator = '+' | '-' | '*' | '/' | '%' | '||';

/** `x + y`, and `x || y`, which joins texts. */
export type Arithmetic = Placed & {
  readonly kind: 'arithmetic';
  readonly operator: ArithmeticOperator;
  readonly left: Node;
  readonly right: Node;
};

export type ComparisonOperator = '=' | '<>' | '<' | '<=' | '>' | '>=';

/** `x < y`. */
export type Comparison = Placed & {
  readonly kind: 'comparison';
  readonly operator: ComparisonOperator;
  readonly left: Node;
  readonly right: Node;
};

/** `x IS [NOT] DISTINCT FROM y`: an inequality for which NULL is a value. */
export type Distinct = Placed & {
  readonly kind: 'distinct';
  readonly negated: boolean;
  readonly left: Node;
  readonly right: Node;
};

/** `x AND y AND z`: two operands or more. */
export type Logic = Placed & {
  readonly kind: 'logic';
  readonly operator: 'AND' | 'OR';
  readonly operands: readonly Node[];
};

/** `x IS [NOT] NULL | TRUE | FALSE`; UNKNOWN is read as NULL of a condition. */
export type Is = Placed & {
  readonly kind: 'is';
  readonly test: 'NULL' | 'TRUE' | 'FALSE' | 'UNKNOWN';
  readonly negated: boolean;
  readonly operand: Node;
};

/** `x [NOT] BETWEEN [SYMMETRIC] low AND high`. */
export type Between = Placed & {
  readonly kind: 'between';
  readonly negated: boolean;
  readonly symmetric: boolean;
  readonly operand: Node;
  readonly low: Node;
  readonly high: Node;
};

/** `x [NOT] IN (a, b)`. */
export type In = Placed & {
  readonly kind: 'in';
  readonly negated: boolean;
  readonly operand: Node;
  readonly values: readonly Node[];
};

/** `x [NOT] LIKE pattern [ESCAPE e]`, likewise `SIMILAR TO`. */
export type Match = Placed & {
  readonly kind: 'match';
  readonly operator: 'LIKE' | 'SIMILAR TO';
  readonly negated: boolean;
  readonly operand: Node;
  readonly pattern: Node;
  readonly escape?: string;
};

/** One WHEN; several values only where the CASE has an operand. */
export type Branch = { readonly when: readonly Node[]; readonly value: Node };

/** `CASE WHEN c THEN v ELSE e END`, or with an operand that the WHENs are compared to. */
export type Case = Placed & {
  readonly kind: 'case';
  readonly operand?: Node;
  readonly branches: readonly Branch[];
  readonly otherwise?: Node;
};

export type CastType = 'STRING' | 'INT' | 'BIGINT' | 'DOUBLE' | 'BOOLEAN' | 'TIMESTAMP';

/** `CAST(x AS type)`, and TRY_CAST, which gives NULL where CAST fails; `length` is n of VARCHAR(n). */
export type Cast = Placed & {
  readonly kind: 'cast';
  readonly type: CastType;
  readonly length?: number;
  readonly lenient: boolean;
  readonly operand: Node;
};

/** `NAME(arguments)`, the name in capitals as the catalogue has it; `unit` is that of EXTRACT, FLOOR … TO and so on. */
export type Call = Placed & {
  readonly kind: 'call';
  readonly name: string;
  readonly arguments: readonly Node[];
  readonly unit?: TimeUnit;
};

/** The nodes directly below a node, in the order of the text: what a walk over any tree needs to know. */
export function childrenOf(node: Node): readonly Node[] {
  switch (node.kind) {
    case 'literal':
    case 'column':
      return [];
    case 'element':
      return [node.target, node.index];
    case 'field':
      return [node.target];
    case 'negation':
    case 'not':
    case 'is':
    case 'cast':
      return [node.operand];
    case 'arithmetic':
    case 'comparison':
    case 'distinct':
      return [node.left, node.right];
    case 'logic':
      return node.operands;
    case 'between':
      return [node.operand, node.low, node.high];
    case 'in':
      return [node.operand, ...node.values];
    case 'match':
      return [node.operand, node.pattern];
    case 'case':
      return [
        ...(node.operand ? [node.operand] : []),
        ...node.branches.flatMap(({ when, value }) => [...when, value]),
        ...(node.otherwise ? [node.otherwise] : []),
      ];
    case 'call':
      return node.arguments;
  }
}

/** The first place where an expression asks for the event time of the record, by `rowtime()`; undefined where it does not. */
export function rowtimeIn(node: Node): Node | undefined {
  if (node.kind === 'call' && node.name === 'ROWTIME') return node;
  for (const child of childrenOf(node)) {
    const found = rowtimeIn(child);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** Every column that an expression names, once each, in the order of the text: `a.b > a.c` has `['a','b']`, `['a','c']`. */
export function columnsOf(expression: Expression | Node): readonly (readonly string[])[] {
  const found = new Map<string, readonly string[]>();
  const visit = (node: Node): void => {
    if (node.kind === 'column') found.set(JSON.stringify(node.path), node.path);
    for (const child of childrenOf(node)) visit(child);
  };
  visit(expression.kind === 'expression' ? expression.root : expression);
  return [...found.values()];
}
