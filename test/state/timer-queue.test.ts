import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { TaskTimers } from '../../core/state/block/task-timers.ts';
import { MemoryTimerQueue } from '../../core/state/memory-timer-queue.ts';
import { NEVER, type Timer, type TimerQueue } from '../../core/state/timer-queue.ts';

type Action =
  | { readonly kind: 'set' | 'delete'; readonly at: number; readonly key: string; readonly namespace: string }
  | { readonly kind: 'poll'; readonly limit: number };

const small = fc.integer({ min: -5, max: 5 });
const timer = { at: small, key: fc.constantFrom('a', 'b'), namespace: fc.constantFrom('', 'w') };
const action: fc.Arbitrary<Action> = fc.oneof(
  fc.record({ kind: fc.constant('set' as const), ...timer }),
  fc.record({ kind: fc.constant('delete' as const), ...timer }),
  fc.record({ kind: fc.constant('poll' as const), limit: small }),
);

/** A list, searched from end to end. */
class NaiveQueue {
  timers: Timer[] = [];

  set(at: number, key: string, namespace: string): void {
    if (!this.timers.some((each) => same(each, { at, key, namespace }))) this.timers.push({ at, key, namespace });
  }

  delete(at: number, key: string, namespace: string): void {
    this.timers = this.timers.filter((each) => !same(each, { at, key, namespace }));
  }

  get nextAt(): number {
    return Math.min(NEVER, ...this.timers.map(({ at }) => at));
  }
}

function same(left: Timer, right: Timer): boolean {
  return left.at === right.at && left.key === right.key && left.namespace === right.namespace;
}

const QUEUES: readonly (readonly [string, () => TimerQueue])[] = [
  ['in memory', () => new MemoryTimerQueue()],
  [
    'of a task',
    () => new TaskTimers({ kind: 'event timers', uid: 'operator', name: 'timers' }, { sequence: 0, commits: 0 }),
  ],
];

describe.each(QUEUES)('timers %s', (_, newQueue) => {
  it('are set once per time, key and namespace, deleted, and polled by time, as from a plain list', () => {
    fc.assert(
      fc.property(fc.array(action, { maxLength: 60 }), (actions) => {
        const queue = newQueue();
        const naive = new NaiveQueue();
        for (const each of actions) {
          if (each.kind === 'poll') {
            const polled = queue.poll(each.limit);
            if (polled === undefined) {
              expect(naive.nextAt).toBeGreaterThan(each.limit);
            } else {
              expect(polled.at).toBe(naive.nextAt);
              expect(naive.timers.some((other) => same(other, polled))).toBe(true);
              naive.delete(polled.at, String(polled.key), String(polled.namespace));
            }
          } else {
            queue[each.kind](each.at, each.key, each.namespace);
            naive[each.kind](each.at, each.key, each.namespace);
          }
          expect(queue.size).toBe(naive.timers.length);
          expect(queue.nextAt).toBe(naive.nextAt);
          expect([...queue.all()].map(nameOf).sort()).toEqual(naive.timers.map(nameOf).sort());
        }
      }),
    );
  });

  it('of one time and key come in the order they were set', () => {
    const queue = newQueue();
    for (const namespace of ['c', 'a', 'b']) queue.set(7, 'key', namespace);
    expect([queue.poll(7), queue.poll(7), queue.poll(7)].map((each) => each?.namespace)).toEqual(['c', 'a', 'b']);
  });

  it('that are set while polling come in the same series of polls', () => {
    const queue = newQueue();
    queue.set(5, 'a', '');
    expect(queue.poll(10)?.at).toBe(5);
    queue.set(3, 'a', '');
    queue.set(5, 'a', '');
    queue.set(11, 'a', '');
    expect([queue.poll(10)?.at, queue.poll(10)?.at, queue.poll(10)]).toEqual([3, 5, undefined]);
    expect(queue.nextAt).toBe(11);
  });

  it('deleted and set again, many times, fire once each', () => {
    const queue = newQueue();
    for (let at = 0; at < 10_000; at++) {
      queue.set(at + 1_000_000, 'a', '');
      queue.set(at + 1_000_000, 'b', '');
      queue.delete(at + 999_999, 'a', '');
      queue.delete(at + 999_999, 'b', '');
    }
    queue.set(1_000_000, 'a', '');
    queue.delete(1_000_000, 'a', '');
    queue.set(1_000_000, 'a', '');
    expect(queue.size).toBe(3);
    expect([...queue.all()]).toHaveLength(3);
    const polled = [0, 1, 2, 3].map(() => queue.poll(Number.MAX_SAFE_INTEGER));
    expect(polled.map((timer) => timer?.at)).toEqual([1_000_000, 1_009_999, 1_009_999, undefined]);
  });

  it('are never due when there is none', () => {
    expect(newQueue().nextAt).toBe(NEVER);
    expect(newQueue().poll(Number.MAX_SAFE_INTEGER)).toBeUndefined();
  });
});

function nameOf({ at, key, namespace }: Timer): string {
  return `${at} ${String(key)} ${namespace}`;
}
