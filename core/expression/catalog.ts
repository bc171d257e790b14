import type * as runtime from './runtime/runtime.ts';
import type { ScalarType, ValueType } from './type.ts';
import { commonType } from './type.ts';

/** Every scalar function: its arguments, its type and what generated code calls for it. */
export type FunctionDefinition = {
  readonly name: string;
  readonly parameters: readonly Parameter[];
  /** How many arguments must be given; all parameters unless said. */
  readonly required?: number;
  /** The last parameter may be given any number of times. */
  readonly variadic?: boolean;
  readonly result: ScalarType | ((types: readonly ValueType[]) => ValueType);
  readonly code: Code;
};

/** What an argument must be. The constants are read once, when the expression is compiled. */
export type Parameter =
  | 'text'
  | 'number'
  | 'boolean'
  | 'timestamp'
  | 'any'
  | 'regexp'
  | 'global-regexp'
  | 'group'
  | 'date-pattern'
  | 'json-path';

export type RuntimeName = keyof typeof runtime;

/** How a call becomes JavaScript: one call, a call per further argument (`fold`), or a form of its own. */
export type Code =
  | { readonly kind: 'call' | 'fold'; readonly target: RuntimeName }
  | { readonly kind: 'unit'; readonly target: RuntimeName }
  | { readonly kind: 'coalesce' | 'nullif' | 'if' | 'rowtime' | 'concat-ws' };

const call = (target: RuntimeName): Code => ({ kind: 'call', target });
const fold = (target: RuntimeName): Code => ({ kind: 'fold', target });
const unit = (target: RuntimeName): Code => ({ kind: 'unit', target });

const same = (types: readonly ValueType[]): ValueType => types[0] ?? 'unknown';
const common = (types: readonly ValueType[]): ValueType =>
  types.reduce<ValueType>((all, type) => commonType(all, type) ?? 'unknown', 'null');
const branches = (types: readonly ValueType[]): ValueType => common(types.slice(1));

const DEFINITIONS: readonly FunctionDefinition[] = [
  { name: 'COALESCE', parameters: ['any'], variadic: true, result: common, code: { kind: 'coalesce' } },
  { name: 'IFNULL', parameters: ['any', 'any'], result: common, code: { kind: 'coalesce' } },
  { name: 'NULLIF', parameters: ['any', 'any'], result: same, code: { kind: 'nullif' } },
  { name: 'IF', parameters: ['boolean', 'any', 'any'], result: branches, code: { kind: 'if' } },
  { name: 'GREATEST', parameters: ['any'], variadic: true, result: common, code: fold('greatest') },
  { name: 'LEAST', parameters: ['any'], variadic: true, result: common, code: fold('least') },

  { name: 'ABS', parameters: ['number'], result: same, code: call('abs') },
  { name: 'SIGN', parameters: ['number'], result: same, code: call('sign') },
  { name: 'CEIL', parameters: ['number'], result: same, code: call('ceil') },
  { name: 'FLOOR', parameters: ['number'], result: same, code: call('floor') },
  { name: 'ROUND', parameters: ['number', 'number'], required: 1, result: same, code: call('round') },
  { name: 'TRUNCATE', parameters: ['number', 'number'], required: 1, result: same, code: call('truncate') },
  { name: 'MOD', parameters: ['number', 'number'], result: common, code: call('remainder') },
  { name: 'POWER', parameters: ['number', 'number'], result: 'double', code: call('power') },
  { name: 'SQRT', parameters: ['number'], result: 'double', code: call('sqrt') },
  { name: 'EXP', parameters: ['number'], result: 'double', code: call('exp') },
  { name: 'LN', parameters: ['number'], result: 'double', code: call('ln') },
  { name: 'LOG10', parameters: ['number'], result: 'double', code: call('log10') },
  { name: 'LOG2', parameters: ['number'], result: 'double', code: call('log2') },

  { name: 'UPPER', parameters: ['text'], result: 'string', code: call('upper') },
  { name: 'LOWER', parameters: ['text'], result: 'string', code: call('lower') },
  { name: 'CHAR_LENGTH', parameters: ['text'], result: 'int', code: call('charLength') },
  { name: 'CONCAT', parameters: ['text'], variadic: true, result: 'string', code: fold('concat') },
  { name: 'CONCAT_WS', parameters: ['text', 'text'], variadic: true, result: 'string', code: { kind: 'concat-ws' } },
  {
    name: 'SUBSTRING',
    parameters: ['text', 'number', 'number'],
    required: 2,
    result: 'string',
    code: call('substring'),
  },
  { name: 'LEFT', parameters: ['text', 'number'], result: 'string', code: call('left') },
  { name: 'RIGHT', parameters: ['text', 'number'], result: 'string', code: call('right') },
  { name: 'BTRIM', parameters: ['text', 'text'], required: 1, result: 'string', code: call('trim') },
  { name: 'LTRIM', parameters: ['text', 'text'], required: 1, result: 'string', code: call('leftTrim') },
  { name: 'RTRIM', parameters: ['text', 'text'], required: 1, result: 'string', code: call('rightTrim') },
  { name: 'LPAD', parameters: ['text', 'number', 'text'], result: 'string', code: call('leftPad') },
  { name: 'RPAD', parameters: ['text', 'number', 'text'], result: 'string', code: call('rightPad') },
  { name: 'REPEAT', parameters: ['text', 'number'], result: 'string', code: call('repeat') },
  { name: 'REVERSE', parameters: ['text'], result: 'string', code: call('reverse') },
  { name: 'REPLACE', parameters: ['text', 'text', 'text'], result: 'string', code: call('replace') },
  { name: 'LOCATE', parameters: ['text', 'text', 'number'], required: 2, result: 'int', code: call('locate') },
  { name: 'STARTSWITH', parameters: ['text', 'text'], result: 'boolean', code: call('startsWith') },
  { name: 'ENDSWITH', parameters: ['text', 'text'], result: 'boolean', code: call('endsWith') },
  { name: 'SPLIT_INDEX', parameters: ['text', 'text', 'number'], result: 'string', code: call('splitIndex') },
  { name: 'REGEXP', parameters: ['text', 'regexp'], result: 'boolean', code: call('regexp') },
  {
    name: 'REGEXP_EXTRACT',
    parameters: ['text', 'regexp', 'group'],
    required: 2,
    result: 'string',
    code: call('regexpExtract'),
  },
  {
    name: 'REGEXP_REPLACE',
    parameters: ['text', 'global-regexp', 'text'],
    result: 'string',
    code: call('regexpReplace'),
  },
  { name: 'JSON_VALUE', parameters: ['text', 'json-path'], result: 'string', code: call('jsonValue') },
  { name: 'CARDINALITY', parameters: ['any'], result: 'int', code: call('cardinality') },

  { name: 'ROWTIME', parameters: [], result: 'timestamp', code: { kind: 'rowtime' } },
  {
    name: 'TO_TIMESTAMP',
    parameters: ['text', 'date-pattern'],
    required: 1,
    result: 'timestamp',
    code: call('toTimestamp'),
  },
  { name: 'DATE_FORMAT', parameters: ['timestamp', 'date-pattern'], result: 'string', code: call('dateFormat') },
  { name: 'EXTRACT', parameters: ['timestamp'], result: 'int', code: unit('extract') },
  { name: 'FLOOR TO', parameters: ['timestamp'], result: 'timestamp', code: unit('floorTo') },
  { name: 'CEIL TO', parameters: ['timestamp'], result: 'timestamp', code: unit('ceilTo') },
  { name: 'TIMESTAMPADD', parameters: ['number', 'timestamp'], result: 'timestamp', code: unit('timestampAdd') },
  { name: 'TIMESTAMPDIFF', parameters: ['timestamp', 'timestamp'], result: 'bigint', code: unit('timestampDiff') },
];

/** Functions by name, in capitals. */
export const FUNCTIONS: ReadonlyMap<string, FunctionDefinition> = new Map(
  DEFINITIONS.map((definition) => [definition.name, definition]),
);

/** Other names of functions. */
export const ALIASES: ReadonlyMap<string, string> = new Map([
  ['CEILING', 'CEIL'],
  ['CHARACTER_LENGTH', 'CHAR_LENGTH'],
  ['SUBSTR', 'SUBSTRING'],
]);

const NOT_REPEATABLE = 'an expression must give the same value when a record is processed again';

/** Names that people will try, with what to do instead. */
export const REFUSED: ReadonlyMap<string, string> = new Map([
  ...['RAND', 'RAND_INTEGER', 'UUID'].map((name) => [name, `is random; ${NOT_REPEATABLE}`] as const),
  ...['NOW', 'CURRENT_TIMESTAMP', 'LOCALTIMESTAMP', 'PROCTIME', 'CURRENT_DATE', 'CURRENT_ROW_TIMESTAMP'].map(
    (name) => [name, `reads a clock; ${NOT_REPEATABLE}: rowtime() is the time of the record`] as const,
  ),
  ['LENGTH', 'is called CHAR_LENGTH'],
  ['LEN', 'is called CHAR_LENGTH'],
  ['POW', 'is called POWER'],
  ['LOG', 'is written LN(x), LOG10(x) or LOG2(x)'],
  ['TO_DATE', 'is written TO_TIMESTAMP(text, pattern)'],
  ['TO_TIMESTAMP_LTZ', 'is written CAST(ms AS TIMESTAMP); timestamps are epoch milliseconds'],
  ['FROM_UNIXTIME', 'is written CAST(seconds * 1000 AS TIMESTAMP)'],
]);

/** How often a function takes arguments, for messages: `2`, `1 to 2`, `at least 1`. */
export function arityOf({ parameters, required, variadic }: FunctionDefinition): { least: number; most: number } {
  return { least: required ?? parameters.length, most: variadic ? Number.POSITIVE_INFINITY : parameters.length };
}
