import { JobSpecError } from '../../error/error.ts';
import type { Timestamped } from '../../window/evictor.ts';
import type { AnyAggregate } from '../aggregate-function.ts';
import type { WindowDescriptor } from '../descriptor.ts';
import type { Untyped } from '../untyped.ts';

/**
 * How a window's records are held: folded into one value where that can be done as they come, all of them where an evictor
 * or a full-window function wants to see them.
 */
export interface WindowContents {
  /** The contents with one more record; `undefined` is an empty window. */
  add(contents: unknown, value: unknown, timestamp: number): unknown;
  /** Of two windows that have become one. */
  merge(into: unknown, from: unknown): unknown;
}

const elements: WindowContents = {
  add(contents, value, timestamp) {
    const held = (contents ?? []) as Timestamped<unknown>[];
    held.push({ value, timestamp });
    return held;
  },
  merge: (into, from) => [...((into ?? []) as unknown[]), ...((from ?? []) as unknown[])],
};

function folded(aggregate: AnyAggregate<Untyped, Untyped>): WindowContents {
  return {
    add: (contents, value, timestamp) =>
      aggregate.add(contents === undefined ? aggregate.create() : contents, value, timestamp),
    merge(into, from) {
      if (into === undefined) return from;
      return from === undefined ? into : aggregate.merge?.(into, from);
    },
  };
}

function reduced(reduce: (left: Untyped, right: Untyped) => unknown): WindowContents {
  return {
    add: (contents, value) => (contents === undefined ? value : reduce(contents, value)),
    merge(into, from) {
      if (into === undefined) return from;
      return from === undefined ? into : reduce(into, from);
    },
  };
}

/** Whether all records are held. */
export function holdsElements({ computation, evictor }: WindowDescriptor): boolean {
  return computation.kind === 'process' || evictor !== undefined;
}

/** @throws JobSpecError where sessions are to be merged by an aggregate without `merge` */
export function contentsOf(descriptor: WindowDescriptor, uid: string): WindowContents {
  const { computation, assigner } = descriptor;
  if (computation.kind === 'process' || holdsElements(descriptor)) return elements;
  if (computation.kind === 'reduce') return reduced(computation.reduce);
  if (assigner.kind === 'session' && computation.aggregate.merge === undefined) {
    throw new JobSpecError([
      { path: uid, message: 'a session window merges, and this aggregate has no merge; add one' },
    ]);
  }
  return folded(computation.aggregate);
}
