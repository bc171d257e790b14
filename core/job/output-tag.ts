/**
 * The name of a side output with the type of its records (Flink: OutputTag). It is the name itself, so a plain string does
 * where types do not matter.
 *
 * @example
 * const tooBig = outputTag<Order>('tooBig');
 * const big = checked.sideOutput(tooBig); // Stream<Order>
 */
export type OutputTag<T> = string & { readonly '~value'?: (value: T) => T };

/** The name of a side output with the type of its records: `const late = outputTag<Click>('late')`. */
export function outputTag<T>(name: string): OutputTag<T> {
  return name;
}
