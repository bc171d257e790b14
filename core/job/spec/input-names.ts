import type { InputSpec, OperatorSpec } from './schema.ts';
import type { Step } from './spec-fault.ts';

/** All names that an operator reads from. */
export function namesRead(operator: OperatorSpec): readonly string[] {
  const { input, broadcast, join, coGroup, intervalJoin, connect } = operator;
  const sides = [join, coGroup, intervalJoin, connect].flatMap((pair) =>
    pair === undefined ? [] : [pair.left, pair.right],
  );
  return [input, broadcast, ...sides].flatMap((one) => (one === undefined ? [] : namesOf(one)));
}

export function namesOf(input: InputSpec): readonly string[] {
  return partsOf(input, []).flatMap(({ names }) => names);
}

/** Names that are read together, with the partitioning that is said of them. */
type InputPart = { readonly names: readonly string[]; readonly by?: string | undefined; readonly at: readonly Step[] };

export function partsOf(input: InputSpec, at: readonly Step[]): readonly InputPart[] {
  if (typeof input === 'string') return [{ names: [input], at }];
  if (Array.isArray(input)) return input.flatMap((one, index) => partsOf(one, [...at, index]));
  const { from, partition } = input as Exclude<InputSpec, string | readonly unknown[]>;
  return [{ names: typeof from === 'string' ? [from] : from, by: partition, at }];
}
