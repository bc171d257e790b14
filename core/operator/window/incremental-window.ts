import { type StateKey, stateKeyOf, userKeyOf } from '../../codec/key.ts';
import { JobSpecError } from '../../error/error.ts';
import { type Namespace, type StateTable, VOID_NAMESPACE } from '../../state/state-table.ts';
import { MIN_TIMESTAMP, type Timestamp } from '../../time/timestamp.ts';
import type { Window } from '../../window/window.ts';
import type { WindowContext } from '../../window/window-function.ts';
import type { WindowDescriptor } from '../descriptor.ts';
import type { OperatorContext } from '../operator.ts';
import type { Untyped } from '../untyped.ts';
import { expectNothing } from '../user-call.ts';

/** What is folded as it comes: a reduce or an aggregate, never a full-window function. */
export type IncrementalComputation = Exclude<WindowDescriptor['computation'], { readonly kind: 'process' }>;

/** Adds a record to contents; undefined contents are empty. */
export function foldOf(
  computation: IncrementalComputation,
): (contents: unknown, value: unknown, timestamp: Timestamp) => unknown {
  if (computation.kind === 'aggregate') {
    const { aggregate } = computation;
    return (contents, value, timestamp) =>
      aggregate.add(contents === undefined ? aggregate.create() : contents, value, timestamp);
  }
  const { reduce } = computation;
  return (contents, value) => (contents === undefined ? value : reduce(contents, value));
}

/** Folding, merging and giving results of windows that keep only what their records add up to. */
export class IncrementalWindow {
  /** The contents with one more record; undefined is an empty window. */
  readonly fold: (contents: unknown, value: unknown, timestamp: Timestamp) => unknown;
  /** The first, changed, with the second, which stays as it is; undefined first makes a copy of the second. */
  readonly mergeInto: (into: unknown, from: unknown) => unknown;
  readonly firing: IncrementalFiring;
  readonly #context: OperatorContext;
  readonly #hasKey: boolean;
  readonly #resultOf: (contents: unknown) => unknown;
  readonly #result: IncrementalComputation['result'];

  constructor(descriptor: WindowDescriptor, computation: IncrementalComputation, context: OperatorContext) {
    this.#context = context;
    this.#hasKey = descriptor.key !== undefined;
    this.#result = computation.result;
    this.firing = new IncrementalFiring(context, descriptor.assigner.kind === 'session');
    this.fold = foldOf(computation);
    if (computation.kind === 'aggregate') {
      const { aggregate } = computation;
      this.mergeInto = (into, from) => aggregate.merge?.(into === undefined ? aggregate.create() : into, from);
      this.#resultOf = (contents) => aggregate.result(contents);
    } else {
      const { reduce } = computation;
      this.mergeInto = (into, from) => (into === undefined ? from : reduce(into, from));
      this.#resultOf = (contents) => contents;
    }
  }

  /** Emits a window's result; what the user's functions throw goes to the dead letters with all that the window held. */
  emit(key: StateKey, start: Timestamp, end: Timestamp, contents: unknown): void {
    const firing = this.firing.at(this.#hasKey ? userKeyOf(key) : undefined, start, end);
    try {
      const result = this.#resultOf(contents);
      if (this.#result === undefined) {
        firing.emit(result);
        return;
      }
      const emitted = this.#result(result, firing);
      if (emitted instanceof Promise) expectNothing(emitted, this.#context.uid, 'the result function');
      if (emitted !== undefined) firing.emit(emitted);
    } catch (error) {
      this.#context.poison(error, { key: firing.key, window: { start, end }, contents }, firing.timestamp);
    }
  }
}

/** The user's view of the firing at hand. */
class IncrementalFiring implements WindowContext<Untyped, unknown> {
  readonly #context: OperatorContext;
  readonly #globals: StateTable<object>;
  /** Of windows that do not merge, under their ends. */
  readonly #ofWindows: StateTable<object>;
  readonly #merges: boolean;
  #start: Timestamp = MIN_TIMESTAMP;
  #window: Window | undefined;
  key: Untyped;
  timestamp: Timestamp = MIN_TIMESTAMP;
  watermark: Timestamp = MIN_TIMESTAMP;
  readonly emit: (value: unknown) => void;
  readonly side: (tag: string, value: unknown) => void;

  constructor(context: OperatorContext, merges: boolean) {
    this.#context = context;
    this.#merges = merges;
    this.#globals = context.state.table({ name: 'state of keys' });
    this.#ofWindows = context.state.table({ name: 'state of windows' });
    this.emit = (value) => {
      context.metrics.recordsOut++;
      context.output.record(value, this.timestamp);
    };
    this.side = (tag, value) => context.side(tag).record(value, this.timestamp);
  }

  at(key: unknown, start: Timestamp, end: Timestamp): this {
    this.key = key;
    this.#start = start;
    this.#window = undefined;
    this.timestamp = end - 1;
    return this;
  }

  get window(): Window {
    this.#window ??= { start: this.#start, end: this.timestamp + 1 };
    return this.#window;
  }

  get processingTime(): Timestamp {
    return this.#context.clock.now();
  }

  // Functions of the instance, since a user takes them out of the context.
  readonly windowState = <S extends object>(): S => {
    if (this.#merges) {
      throw new JobSpecError([
        { path: this.#context.uid, message: 'merging windows have no state of their own; use globalState' },
      ]);
    }
    return this.#stateOf<S>(this.#ofWindows, this.timestamp + 1);
  };

  readonly globalState = <S extends object>(): S => this.#stateOf<S>(this.#globals, VOID_NAMESPACE);

  /** Drops the state of windows that ended at `end` or before. */
  drop(end: Timestamp): void {
    if (this.#ofWindows.size === 0) return;
    for (const namespace of [...this.#ofWindows.namespaces()]) {
      if ((namespace as Timestamp) <= end) this.#ofWindows.removeAll(namespace);
    }
  }

  #stateOf<S extends object>(table: StateTable<object>, namespace: Namespace): S {
    const key = this.key === undefined ? '' : stateKeyOf(this.key);
    const cell = table.cell(key, namespace) ?? table.insert(key, namespace, {});
    table.changed(cell);
    return cell.value as S;
  }
}
