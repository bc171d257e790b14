import type { ScalarType, ValueType } from './type.ts';
import { familyOf } from './type.ts';

/** Functions of many records, by the name that their AST carries. */
export type AggregateName =
  | 'count'
  | 'sum'
  | 'min'
  | 'max'
  | 'avg'
  | 'first'
  | 'last'
  | 'percentile'
  | 'approx_percentile'
  | 'collect'
  | 'min_by'
  | 'max_by'
  | 'stddev_samp'
  | 'stddev_pop'
  | 'var_samp'
  | 'var_pop'
  | 'approx_count_distinct';

export type AggregateDefinition = {
  readonly name: AggregateName;
  readonly parameters: readonly ('any' | 'number' | 'ordered' | 'fraction')[];
  /** Whether DISTINCT may stand before the argument. */
  readonly distinct: boolean;
  readonly result: ScalarType | ((types: readonly ValueType[]) => ValueType);
};

const same = (types: readonly ValueType[]): ValueType => types[0] ?? 'unknown';

const DEFINITIONS: readonly AggregateDefinition[] = [
  { name: 'count', parameters: ['any'], distinct: true, result: 'bigint' },
  { name: 'sum', parameters: ['number'], distinct: true, result: same },
  { name: 'min', parameters: ['ordered'], distinct: true, result: same },
  { name: 'max', parameters: ['ordered'], distinct: true, result: same },
  { name: 'avg', parameters: ['number'], distinct: true, result: 'double' },
  { name: 'first', parameters: ['any'], distinct: false, result: same },
  { name: 'last', parameters: ['any'], distinct: false, result: same },
  { name: 'percentile', parameters: ['number', 'fraction'], distinct: false, result: 'double' },
  { name: 'approx_percentile', parameters: ['number', 'fraction'], distinct: false, result: 'double' },
  { name: 'collect', parameters: ['any'], distinct: true, result: collected },
  { name: 'min_by', parameters: ['any', 'ordered'], distinct: false, result: same },
  { name: 'max_by', parameters: ['any', 'ordered'], distinct: false, result: same },
  { name: 'stddev_samp', parameters: ['number'], distinct: true, result: 'double' },
  { name: 'stddev_pop', parameters: ['number'], distinct: true, result: 'double' },
  { name: 'var_samp', parameters: ['number'], distinct: true, result: 'double' },
  { name: 'var_pop', parameters: ['number'], distinct: true, result: 'double' },
  { name: 'approx_count_distinct', parameters: ['any'], distinct: false, result: 'bigint' },
];

/** Aggregates by name, in lower case. */
export const AGGREGATES: ReadonlyMap<string, AggregateDefinition> = new Map(
  DEFINITIONS.map((definition) => [definition.name, definition]),
);

/** Flink's other names of them. */
const AGGREGATE_ALIASES: ReadonlyMap<string, AggregateName> = new Map([
  ['first_value', 'first'],
  ['last_value', 'last'],
  ['stddev', 'stddev_samp'],
  ['variance', 'var_samp'],
]);

/** The aggregate of a name or alias, in any case. */
export function aggregateOf(written: string): AggregateDefinition | undefined {
  const name = written.toLowerCase();
  return AGGREGATES.get(AGGREGATE_ALIASES.get(name) ?? name);
}

/** Whether a name, in any case, is one of an aggregate. */
export function isAggregateName(written: string): boolean {
  return aggregateOf(written) !== undefined;
}

/** Every name by which an aggregate can be called. */
export function aggregateNames(): readonly string[] {
  return [...AGGREGATES.keys(), ...AGGREGATE_ALIASES.keys()];
}

function collected(types: readonly ValueType[]): ValueType {
  const [type = 'unknown'] = types;
  return type === 'interval' ? ['int'] : type === 'null' || familyOf(type) === 'any' ? ['unknown'] : [type];
}
