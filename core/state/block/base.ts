import { decodeValue, encodeValue } from '../../codec/value-codec.ts';
import { InvariantError } from '../../error/error.ts';
import type { KeyGroupRange } from '../memory-backend.ts';
import type { Namespace } from '../state-table.ts';
import { seal, unseal } from './seal.ts';
import type { SegmentRef } from './segment.ts';
import type { Space } from './space.ts';
import type { Steps } from './steps.ts';

/**
 * Where the state of a task was folded to: plain data, to be carried by a commit row.
 *
 * It is `state(task, n)` of the row before the one that carries it, so a reader takes the base and applies the deltas of
 * that row and of those after it.
 */
export type BasePointer = {
  readonly format: typeof BASE_FORMAT;
  readonly manifest:
    | { readonly kind: 'inline'; readonly bytes: Uint8Array }
    | { readonly kind: 'object'; readonly name: string; readonly length: number };
};

export const BASE_FORMAT = 1;

/** What a base is made of. */
export type Manifest = {
  readonly range: KeyGroupRange;
  /** Above the sequence of every cell and timer. */
  readonly sequence: number;
  readonly spaces: readonly SpaceSizes[];
  /** Newest first. What one says of a key hides what those after it say. */
  readonly runs: readonly RunRef[];
};

/**
 * How many entries a space has, by the number that divides it off; all that no number divides off is under ''. After a
 * reshard these may be more than there are.
 */
export type SpaceSizes = Space & {
  readonly sizes: readonly (readonly [Namespace, number])[];
  /** A key may have cells under several namespaces that are text. */
  readonly hasText: boolean;
};

/** Sorted entries that were written at one time, or merged of such. */
export type RunRef = {
  /** In order, none overlapping another. */
  readonly segments: readonly SegmentRef[];
  /** What was dropped whole: of the runs after this one, not of its own. */
  readonly drops: readonly Drop[];
  /** Key groups, both ends included. Its segments may hold others, which count as absent. */
  readonly first: number;
  readonly last: number;
};

export type Drop = { readonly space: number; readonly order: number; readonly first: number; readonly last: number };

export function encodeManifest(manifest: Manifest): Uint8Array {
  return seal(encodeValue(manifest));
}

export function* readManifest({ format, manifest }: BasePointer): Steps<Manifest> {
  if (format !== BASE_FORMAT) {
    throw new InvariantError(
      `a base has format ${format}, and this version knows ${BASE_FORMAT}; run the newer version`,
    );
  }
  const [bytes] =
    manifest.kind === 'inline' ? [manifest.bytes] : yield { kind: 'read', reads: [{ name: manifest.name }] };
  const name = manifest.kind === 'inline' ? 'the base in a row' : manifest.name;
  return decodeValue(unseal(bytes ?? new Uint8Array(), name)) as Manifest;
}

/** The objects that a base reaches: they must stay as long as anything reaches the base (P10). */
export function* reachedObjects(pointer: BasePointer): Steps<readonly string[]> {
  const { runs } = yield* readManifest(pointer);
  const names = runs.flatMap(({ segments }) => segments.flatMap(({ at }) => (at.kind === 'object' ? [at.name] : [])));
  return pointer.manifest.kind === 'object' ? [pointer.manifest.name, ...names] : names;
}

export function rawBytesOf({ segments }: RunRef): number {
  return segments.reduce((sum, { rawBytes }) => sum + rawBytes, 0);
}
