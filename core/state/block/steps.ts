import { InvariantError } from '../../error/error.ts';
import type { BytePart, ObjectStore } from '../../port/object-store.ts';

/** What work on blocks asks of the object store, and waits for. */
export type Request =
  | { readonly kind: 'read'; readonly reads: readonly ObjectRead[] }
  | { readonly kind: 'put'; readonly name: string; readonly bytes: Uint8Array };

export type ObjectRead = { readonly name: string; readonly part?: BytePart };

/** Work that is cut where it needs the store, so that it runs against an asynchronous store and, in tests, at once. */
export type Steps<T> = Generator<Request, T, readonly Uint8Array[]>;

export async function runSteps<T>(steps: Steps<T>, store: ObjectStore): Promise<T> {
  for (let step = steps.next([]); ; ) {
    if (step.done) return step.value;
    step = steps.next(await answer(step.value, store));
  }
}

async function answer(request: Request, store: ObjectStore): Promise<readonly Uint8Array[]> {
  if (request.kind === 'put') {
    await store.put(request.name, request.bytes);
    return [];
  }
  return Promise.all(request.reads.map(({ name, part }) => readWhole(store, name, part)));
}

async function readWhole(store: ObjectStore, name: string, part: BytePart | undefined): Promise<Uint8Array> {
  const bytes = await store.get(name, part);
  if (bytes === undefined) throw goneError(name);
  return bytes;
}

export function goneError(name: string): InvariantError {
  return new InvariantError(
    `the object ${name} is gone, though a commit names it; restore a checkpoint or a savepoint`,
  );
}
