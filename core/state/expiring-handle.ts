import type { Clock } from '../port/clock.ts';
import type { Timestamp } from '../time/timestamp.ts';
import { KeyedHandle } from './keyed-handle.ts';
import { unbound } from './state-scope.ts';
import { type Cell, VOID_NAMESPACE } from './state-table.ts';
import { CleanUp, Expiry, type Timed, type TimeToLive } from './time-to-live.ts';

/** A keyed state with a time to live: the clock, the rules, and the clean-up that each access pushes on. */
export abstract class ExpiringHandle<V> extends KeyedHandle<V> {
  protected readonly ttl: TimeToLive;
  protected readonly expiry: Expiry;
  readonly #cleanUp = new CleanUp<V>(
    () => this.table?.cellsAtHand(VOID_NAMESPACE) ?? [],
    (cell) => this.trim(cell),
  );

  constructor(name: string, ttl: TimeToLive) {
    super(name);
    this.ttl = ttl;
    this.expiry = new Expiry(name, ttl);
  }

  /** Takes out of a cell what is expired; drops the cell if nothing is left. */
  protected abstract trim(cell: Cell<V>): void;

  protected cleanUp(): void {
    this.#cleanUp.step();
  }

  protected get clock(): Clock {
    if (this.scope === undefined) throw unbound(this.name);
    return this.scope.clock;
  }

  protected timed<T>(value: T): Timed<T> {
    return { value, at: this.clock.now() };
  }

  protected expired(timed: Timed<unknown>, now: Timestamp = this.clock.now()): boolean {
    return this.expiry.expired(timed, now);
  }
}
