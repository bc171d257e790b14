import { InvariantError } from '../../error/error.ts';
import type { RecordSchema } from '../../expression/type.ts';
import type { Untyped } from '../../operator/untyped.ts';
import type { BroadcastStream, Stream } from '../stream.ts';
import type { Form } from './form.ts';
import type { BuiltOperator, KeyBy, Keyed, OperatorScope } from './operator-scope.ts';
import type { InputSpec, OperatorSpec } from './schema.ts';
import type { Step } from './spec-fault.ts';
import { windowOf } from './window-parts.ts';

/** Operators of a spec that read two streams. */

type Sides = { readonly left: InputSpec; readonly right: InputSpec };
type KeyedSides = Sides & { readonly on: NonNullable<OperatorSpec['join']>['on'] };
type TwoTexts = { readonly left: string; readonly right: string };

export function broadcast(scope: OperatorScope): BuiltOperator {
  const { broadcast: given, keyBy } = scope.spec;
  const rules = scope.inputs.stream(given ?? '', scope.at('broadcast')).broadcast() as BroadcastStream<Untyped>;
  const made = scope.made('process', 'a process function of a broadcast');
  const on = keyBy === undefined ? scope.input() : scope.keyedInput();
  return { stream: (on as Stream<Untyped>).connect(rules).process(made) };
}

export function connected(scope: OperatorScope, { does }: Form): BuiltOperator {
  const { connect, coMap, coFlatMap } = scope.spec;
  if (connect === undefined) throw new InvariantError('a connection without connect');
  const path = scope.at('connect');
  const [left, right] = sides(scope, connect, path);
  if (does === 'coMap' && coMap !== undefined) {
    const [one, other] = valuesOf(scope, connect, { word: 'coMap', given: coMap, arity: 1 });
    return { stream: left.connect(right).map(one, other), text: `${coMap.left} | ${coMap.right}` };
  }
  if (does === 'coFlatMap' && coFlatMap !== undefined) {
    const [one, other] = valuesOf(scope, connect, { word: 'coFlatMap', given: coFlatMap, arity: 2 });
    return { stream: left.connect(right).flatMap(one, other), text: `${coFlatMap.left} | ${coFlatMap.right}` };
  }
  const made = scope.made('coProcess', 'a process function of two inputs');
  if (connect.on === undefined) return { stream: left.connect(right).process(made) };
  const [one, other] = keyedSides(scope, { ...connect, on: connect.on }, path);
  return { stream: one.connect(other).process(made) };
}

export function joined(scope: OperatorScope, { shape, does }: Form): BuiltOperator {
  const { join, coGroup, window = 'global' } = scope.spec;
  const given = shape === 'join' ? join : coGroup;
  if (given === undefined) throw new InvariantError('a join without its sides');
  const [left, right] = keyedSides(scope, given, scope.at(shape));
  const known = { input: 'the pair' };
  const { assigner, options } = windowOf(window, { resolver: scope.resolver, known, path: scope.at('window') });
  if (shape === 'coGroup') {
    return { stream: left.coGroup(right).window(assigner, options).apply(scope.export('apply', 3)) };
  }
  const pairs = left.join(right).window(assigner, options);
  if (does === 'apply') return { stream: pairs.apply(scope.export('apply', 3)) };
  const { of, columns } = selected(scope, given);
  return { stream: pairs.apply((one: Untyped, other: Untyped) => of({ left: one, right: other })), columns };
}

export function intervalJoined(scope: OperatorScope, { does }: Form): BuiltOperator {
  const { intervalJoin, between = [0, 0] } = scope.spec;
  if (intervalJoin === undefined) throw new InvariantError('an interval join without its sides');
  const [left, right] = keyedSides(scope, intervalJoin, scope.at('intervalJoin'));
  const { lower, upper, ...bounds } = Array.isArray(between)
    ? { lower: between[0], upper: between[1] }
    : (between as Exclude<typeof between, readonly unknown[]>);
  const pairs = left.intervalJoin(right).between(lower as never, upper as never, bounds);
  if (does === 'process') return { stream: pairs.process(scope.export('process', 3)) };
  const { of, columns } = selected(scope, intervalJoin);
  return { stream: pairs.process((one: Untyped, other: Untyped) => of({ left: one, right: other })), columns };
}

/** The joined record: expressions over both sides, as `left.id` and `right.amount`. */
function selected(scope: OperatorScope, { left, right }: Sides) {
  const [one, other] = [scope.inputs.known(left), scope.inputs.known(right)];
  const columns: RecordSchema = { left: one.columns ?? 'unknown', right: other.columns ?? 'unknown' };
  const known = { columns, input: 'the pair; write left.… or right.…' };
  return scope.record(scope.spec.select ?? {}, scope.at('select'), known);
}

/** A function for each side. */
function valuesOf(
  scope: OperatorScope,
  { left, right }: Sides,
  { word, given, arity }: { readonly word: 'coMap' | 'coFlatMap'; readonly given: TwoTexts; readonly arity: number },
): [Untyped, Untyped] {
  const path = scope.at(word);
  return [
    scope.resolver.value(given.left, [...path, 'left'], scope.inputs.known(left), arity),
    scope.resolver.value(given.right, [...path, 'right'], scope.inputs.known(right), arity),
  ];
}

function keyedSides(scope: OperatorScope, { left, right, on }: KeyedSides, path: readonly Step[]): [Keyed, Keyed] {
  const keys =
    typeof on === 'object' && !Array.isArray(on) ? (on as { left: KeyBy; right: KeyBy }) : { left: on, right: on };
  const at = (side: 'left' | 'right') => (keys.left === keys.right ? [...path, 'on'] : [...path, 'on', side]);
  const [one, other] = sides(scope, { left, right }, path);
  return [
    scope.keyed(one, keys.left as KeyBy, at('left'), scope.inputs.known(left)),
    scope.keyed(other, keys.right as KeyBy, at('right'), scope.inputs.known(right)),
  ];
}

function sides({ inputs }: OperatorScope, { left, right }: Sides, path: readonly Step[]) {
  return [inputs.stream(left, [...path, 'left']), inputs.stream(right, [...path, 'right'])] as const;
}
