import type { Key } from '../codec/key.ts';
import { redeclareAll, type StateHandle } from '../state/state-scope.ts';
import type { Timestamp } from '../time/timestamp.ts';
import type {
  Context,
  KeyedContext,
  KeyedProcessFunction,
  Lifecycle,
  ProcessFunction,
  TimerContext,
} from './process-function.ts';

/**
 * Process functions written as a plain object: state under `state`, and the handles in the context.
 *
 * @example
 * const create = keyedProcessForm({
 *   state: { seen: state.value<number>('seen', { default: 0 }) },
 *   record(page: Page, { key, state, emit }) {
 *     state.seen.set(state.seen.get() + 1);
 *     emit({ key, seen: state.seen.get() });
 *   },
 * }); // a descriptor's `create`
 */
export type States = { readonly [name: string]: StateHandle };

/** A context with the declared states in it. */
type With<C, S> = C & { readonly state: S };

export type KeyedProcessForm<K extends Key, In, Out, S extends States = States> = Lifecycle & {
  readonly state?: S;
  record(value: In, context: With<KeyedContext<K, Out>, S>): void;
  onTimer?(at: Timestamp, context: With<TimerContext<K, Out>, S>): void;
};

export type ProcessForm<In, Out, S extends States = States> = Lifecycle & {
  readonly state?: S;
  record(value: In, context: With<Context<Out>, S>): void;
};

/** Makes a function per subtask, each with states of its own. */
export function keyedProcessForm<K extends Key, In, Out, S extends States>(
  form: KeyedProcessForm<K, In, Out, S>,
): () => KeyedProcessFunction<K, In, Out> {
  return () => {
    const states = redeclareAll(form.state ?? ({} as S));
    return {
      ...lifecycleOf(form),
      process: (value, context) => form.record(value, withState(context, states)),
      ...(form.onTimer && {
        onTimer: (at: Timestamp, context: TimerContext<K, Out>) => form.onTimer?.(at, withState(context, states)),
      }),
    };
  };
}

export function processForm<In, Out, S extends States>(form: ProcessForm<In, Out, S>): () => ProcessFunction<In, Out> {
  return () => {
    const states = redeclareAll(form.state ?? ({} as S));
    return { ...lifecycleOf(form), process: (value, context) => form.record(value, withState(context, states)) };
  };
}

/** An operator has one context and one function, so the states can simply be put there. */
function withState<C extends object, S>(context: C, states: S): With<C, S> {
  (context as { state?: S }).state = states;
  return context as With<C, S>;
}

function lifecycleOf(form: Lifecycle): Lifecycle {
  return {
    ...(form.open && { open: (subtask: Parameters<NonNullable<Lifecycle['open']>>[0]) => form.open?.(subtask) }),
    ...(form.close && { close: () => form.close?.() }),
  };
}
