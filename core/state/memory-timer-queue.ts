import type { StateKey } from '../codec/key.ts';
import type { Timestamp } from '../time/timestamp.ts';
import type { Namespace } from './state-table.ts';
import { NEVER, type Timer, type TimerQueue } from './timer-queue.ts';

/**
 * Timers in memory: a bucket for each distinct time, and a binary heap of those times.
 *
 * 1. A time is in the heap exactly if it has a bucket; a bucket may be empty (its last timer was deleted) until the
 *    heap comes to it.
 * 2. In a bucket timers lie by namespace and then key, in the order they were set.
 */
export class MemoryTimerQueue implements TimerQueue {
  readonly #buckets = new Map<Timestamp, Map<Namespace, Set<StateKey>>>();
  readonly #times: Timestamp[] = [];
  #size = 0;

  get size(): number {
    return this.#size;
  }

  get nextAt(): Timestamp {
    for (let at = this.#times[0]; at !== undefined; at = this.#times[0]) {
      if ((this.#buckets.get(at)?.size ?? 0) > 0) return at;
      this.#buckets.delete(at);
      popSmallest(this.#times);
    }
    return NEVER;
  }

  set(at: Timestamp, key: StateKey, namespace: Namespace): void {
    let bucket = this.#buckets.get(at);
    if (bucket === undefined) {
      bucket = new Map();
      this.#buckets.set(at, bucket);
      pushTime(this.#times, at);
    }
    const keys = bucket.get(namespace);
    if (keys === undefined) {
      bucket.set(namespace, new Set([key]));
      this.#size++;
    } else if (!keys.has(key)) {
      keys.add(key);
      this.#size++;
    }
  }

  delete(at: Timestamp, key: StateKey, namespace: Namespace): void {
    const bucket = this.#buckets.get(at);
    const keys = bucket?.get(namespace);
    if (bucket === undefined || !keys?.delete(key)) return;
    this.#size--;
    if (keys.size === 0) bucket.delete(namespace);
  }

  poll(limit: Timestamp): Timer | undefined {
    const at = this.nextAt;
    if (at > limit) return undefined;
    for (const [namespace, keys] of this.#buckets.get(at) ?? []) {
      for (const key of keys) {
        this.delete(at, key, namespace);
        return { at, key, namespace };
      }
    }
    return undefined;
  }

  *all(): Iterable<Timer> {
    for (const [at, bucket] of this.#buckets) {
      for (const [namespace, keys] of bucket) for (const key of keys) yield { at, key, namespace };
    }
  }
}

function pushTime(heap: Timestamp[], at: Timestamp): void {
  let place = heap.length;
  heap.push(at);
  while (place > 0) {
    const parent = (place - 1) >> 1;
    const above = heap[parent] as Timestamp;
    if (above <= at) break;
    heap[place] = above;
    place = parent;
  }
  heap[place] = at;
}

function popSmallest(heap: Timestamp[]): void {
  const last = heap.pop();
  if (last === undefined || heap.length === 0) return;
  let place = 0;
  for (let child = 1; child < heap.length; child = 2 * place + 1) {
    if (child + 1 < heap.length && (heap[child + 1] as Timestamp) < (heap[child] as Timestamp)) child++;
    const smaller = heap[child] as Timestamp;
    if (smaller >= last) break;
    heap[place] = smaller;
    place = child;
  }
  heap[place] = last;
}
