import type { Serializer } from './serializer.ts';
import type { ListDistribution, OperatorListState } from './state-backend.ts';
import { type StateHandle, type StateScope, unbound } from './state-scope.ts';

export type OperatorListOptions<T> = {
  /** `split` unless said. */
  readonly distribution?: ListDistribution;
  readonly serializer?: Serializer<T>;
};

/** A list per subtask, independent of keys, as a declared state. */
export class OperatorListHandle<T> implements OperatorListState<T>, StateHandle {
  readonly name: string;
  readonly #options: OperatorListOptions<T>;
  #list: OperatorListState<T> | undefined;

  constructor(name: string, options: OperatorListOptions<T>) {
    this.name = name;
    this.#options = options;
  }

  bind(scope: StateScope): void {
    const { serializer, distribution = 'split' } = this.#options;
    this.#list = scope.backend.list<T>({ name: this.name, ...(serializer && { serializer }) }, distribution);
  }

  get(): readonly T[] {
    return this.#bound().get();
  }

  add(item: T): void {
    this.#bound().add(item);
  }

  update(items: readonly T[]): void {
    this.#bound().update(items);
  }

  redeclare(): OperatorListHandle<T> {
    return new OperatorListHandle(this.name, this.#options);
  }

  #bound(): OperatorListState<T> {
    if (this.#list === undefined) throw unbound(this.name);
    return this.#list;
  }
}
