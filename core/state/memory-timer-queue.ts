import type { StateKey } from '../codec/key.ts';
import type { Timestamp } from '../time/timestamp.ts';
import type { Namespace } from './state-table.ts';
import { NEVER, type Timer, type TimerQueue } from './timer-queue.ts';

/**
 * Timers in memory: what is set for each distinct time, and a binary heap of those times.
 *
 * Most times have one timer, which then stands for itself; the second makes a bucket of the two.
 *
 * 1. An entry is a timer or a bucket that is not empty; its time is in the heap at least once.
 * 2. The heap may hold times that have no entry any more (their timers were deleted) and times more than once (set
 *    again after that). They are passed over, and thrown out when they are more than half of the heap: a timer that is
 *    set further and further ahead, as for a time-out, takes no more memory than one.
 * 3. In a bucket timers lie by namespace and then key, in the order they were set.
 */
export class MemoryTimerQueue implements TimerQueue {
  readonly #entries = new Map<Timestamp, Timer | Bucket>();
  #times: Timestamp[] = [];
  #size = 0;

  get size(): number {
    return this.#size;
  }

  get nextAt(): Timestamp {
    for (let at = this.#times[0]; at !== undefined; at = this.#times[0]) {
      if (this.#entries.has(at)) return at;
      popSmallest(this.#times);
    }
    return NEVER;
  }

  set(at: Timestamp, key: StateKey, namespace: Namespace): void {
    const entry = this.#entries.get(at);
    if (entry === undefined) {
      this.#entries.set(at, { at, key, namespace });
      pushTime(this.#times, at);
      this.#size++;
    } else if (entry instanceof Bucket) {
      if (entry.add(key, namespace)) this.#size++;
    } else if (entry.key !== key || entry.namespace !== namespace) {
      const bucket = new Bucket();
      bucket.add(entry.key, entry.namespace);
      bucket.add(key, namespace);
      this.#entries.set(at, bucket);
      this.#size++;
    }
  }

  delete(at: Timestamp, key: StateKey, namespace: Namespace): void {
    const entry = this.#entries.get(at);
    if (entry === undefined) return;
    if (entry instanceof Bucket) {
      if (!entry.delete(key, namespace)) return;
      if (entry.isEmpty) this.#forget(at);
    } else {
      if (entry.key !== key || entry.namespace !== namespace) return;
      this.#forget(at);
    }
    this.#size--;
  }

  poll(limit: Timestamp): Timer | undefined {
    for (let at = this.#times[0]; at !== undefined && at <= limit; at = this.#times[0]) {
      const entry = this.#entries.get(at);
      if (entry instanceof Bucket) {
        const timer = entry.take(at);
        if (entry.isEmpty) this.#takeEarliest(at);
        this.#size--;
        return timer;
      }
      this.#takeEarliest(at);
      if (entry !== undefined) {
        this.#size--;
        return entry;
      }
    }
    return undefined;
  }

  has(at: Timestamp, key: StateKey, namespace: Namespace): boolean {
    const entry = this.#entries.get(at);
    if (entry instanceof Bucket) return entry.has(key, namespace);
    return entry !== undefined && entry.key === key && entry.namespace === namespace;
  }

  /** The timers of one time, in the order they would come. */
  *allAt(at: Timestamp): Iterable<Timer> {
    const entry = this.#entries.get(at);
    if (entry instanceof Bucket) yield* entry.timers(at);
    else if (entry !== undefined) yield entry;
  }

  *all(): Iterable<Timer> {
    for (const [at, entry] of this.#entries) {
      if (entry instanceof Bucket) yield* entry.timers(at);
      else yield entry;
    }
  }

  #takeEarliest(at: Timestamp): void {
    this.#entries.delete(at);
    popSmallest(this.#times);
  }

  /** Leaves the time in the heap, unless too many are there in vain. A sorted list is a heap. */
  #forget(at: Timestamp): void {
    this.#entries.delete(at);
    if (this.#times.length <= 2 * this.#entries.size + SPARE_TIMES) return;
    this.#times = [...this.#entries.keys()].sort((left, right) => left - right);
  }
}

/** Below so many times in vain, throwing them out is not worth it. */
const SPARE_TIMES = 64;

/** Several timers of one time. */
class Bucket {
  readonly #keys = new Map<Namespace, Set<StateKey>>();

  get isEmpty(): boolean {
    return this.#keys.size === 0;
  }

  has(key: StateKey, namespace: Namespace): boolean {
    return this.#keys.get(namespace)?.has(key) ?? false;
  }

  /** False where it was there. */
  add(key: StateKey, namespace: Namespace): boolean {
    const keys = this.#keys.get(namespace);
    if (keys === undefined) {
      this.#keys.set(namespace, new Set([key]));
      return true;
    }
    if (keys.has(key)) return false;
    keys.add(key);
    return true;
  }

  /** False where it was not there. */
  delete(key: StateKey, namespace: Namespace): boolean {
    const keys = this.#keys.get(namespace);
    if (keys === undefined || !keys.delete(key)) return false;
    if (keys.size === 0) this.#keys.delete(namespace);
    return true;
  }

  /** Takes the first out. */
  take(at: Timestamp): Timer | undefined {
    for (const [namespace, keys] of this.#keys) {
      for (const key of keys) {
        this.delete(key, namespace);
        return { at, key, namespace };
      }
    }
    return undefined;
  }

  *timers(at: Timestamp): Iterable<Timer> {
    for (const [namespace, keys] of this.#keys) for (const key of keys) yield { at, key, namespace };
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
