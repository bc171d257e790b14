import { type KeyedContext, KeyedProcess, minutes, state } from 'millrace';

export type Payment = { time: string; card: string; amount: number; shop: string };
export type Alert = { card: string; amount: number; after: number; time: string };

/** A payment below this tries whether a stolen card works. */
const SMALL = 1;
/** A payment above this, soon after a small one, is what the thief came for. */
const LARGE = 500;

/**
 * Alerts on a small payment that is followed at once by a large one of the same card, within a minute. The state holds the
 * small payment; a timer forgets it.
 */
export class FraudDetector extends KeyedProcess<string, Payment, Alert> {
  readonly small = state.value<number | null>('small', { default: null });
  readonly forgetAt = state.value<number | null>('forgetAt', { default: null });

  process(payment: Payment, { key, timestamp, timers, emit }: KeyedContext<string, Alert>) {
    const small = this.small.get();
    if (small !== null) {
      if (payment.amount > LARGE) emit({ card: key, amount: payment.amount, after: small, time: payment.time });
      const forgetAt = this.forgetAt.get();
      if (forgetAt !== null) timers.deleteEventTime(forgetAt);
      this.forget();
    }
    if (payment.amount < SMALL) {
      this.small.set(payment.amount);
      this.forgetAt.set(timestamp + minutes(1));
      timers.eventTime(timestamp + minutes(1));
    }
  }

  onTimer() {
    this.forget();
  }

  private forget() {
    this.small.clear();
    this.forgetAt.clear();
  }
}
