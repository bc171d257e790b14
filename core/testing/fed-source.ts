import type { Source } from '../connector/source.ts';
import { InvariantError } from '../error/error.ts';

/** A source that is fed by hand: it gives what was sent, and ends when it is told to. */
export class FedSource implements Source<unknown, null, number> {
  readonly name = 'fed by hand';
  readonly bounded = false;
  readonly #waiting: unknown[] = [];
  #hasEnded = false;
  #given = 0;
  #arrived = Promise.withResolvers<void>();
  #taken = Promise.withResolvers<void>();

  send(records: readonly unknown[]): void {
    if (this.#hasEnded) throw new InvariantError('the source has ended; send before finish');
    if (records.length === 0) return;
    this.#waiting.push(...records);
    this.#taken = Promise.withResolvers();
    this.#arrived.resolve();
  }

  end(): void {
    this.#hasEnded = true;
    this.#arrived.resolve();
  }

  /** Resolves when the job has taken all that was sent. */
  get taken(): Promise<void> {
    return this.#waiting.length === 0 ? Promise.resolve() : this.#taken.promise;
  }

  splits() {
    return Promise.resolve([{ id: this.name, split: null }]);
  }

  open() {
    return Promise.resolve({
      read: (limit: number) => {
        const values = this.#waiting.splice(0, limit);
        this.#given += values.length;
        if (this.#waiting.length > 0) return { values, ended: false };
        this.#taken.resolve();
        if (!this.#hasEnded) this.#arrived = Promise.withResolvers();
        return { values, ended: this.#hasEnded };
      },
      arrived: () => this.#arrived.promise,
      position: () => this.#given,
      close: () => Promise.resolve(),
    });
  }
}
