import type { StateKey } from '../../codec/key.ts';
import type { Cell, Namespace } from '../state-table.ts';

/** The cells of one namespace that are in memory. */
export class Bucket<V> {
  readonly namespace: Namespace;
  cells = new Map<StateKey, LiveCell<V>>();
  /** Cells that there are; where the namespace is text, those in memory. */
  size = 0;
  /** False once a cell may lie among others that were made later. */
  isOrdered = true;
  /** True once the namespace was dropped: nothing in here counts any more. */
  isDropped = false;
  /** The base may have cells of this namespace. */
  isInBase = false;
  /** All that the base has of it is in memory. */
  isLoaded = false;

  constructor(namespace: Namespace) {
    this.namespace = namespace;
  }

  /** The cells, also those that are gone, in the order they were made. */
  inOrder(): Iterable<LiveCell<V>> {
    if (!this.isOrdered) {
      const sorted = [...this.cells.values()].sort((left, right) => left.sequence - right.sequence);
      this.cells = new Map(sorted.map((cell) => [cell.key, cell]));
      this.isOrdered = true;
    }
    return this.cells.values();
  }
}

/** `encoded`: the value is in `bytes` and not yet read. `gone`: there is no such cell. */
export const HELD = 0;
export const ENCODED = 1;
export const GONE = 2;
export type CellForm = typeof HELD | typeof ENCODED | typeof GONE;

/**
 * A cell in memory, and what the last commit says of it.
 *
 * What a value was before it was changed in place is found again in its bytes, or, where those are in a block, there.
 */
export class LiveCell<V> implements Cell<V> {
  readonly key: StateKey;
  readonly bucket: Bucket<V>;
  value: V;
  form: CellForm = HELD;
  /** Where it stands among the cells of its table, in the order they were made. */
  sequence: number;
  /** Changed since the last commit. */
  isDirty = false;
  /** Another cell has taken its place since the last commit. */
  isReplaced = false;
  /** Whose place it has taken since the last commit. */
  before: LiveCell<V> | undefined;
  /** The last commit has it, with `bytes` as its value unless a block of the base has that. */
  isStored = false;
  bytes: Uint8Array | undefined;
  storedSequence = 0;
  /** A row since the base says something of it, so it must stay in memory. */
  isRecent = false;
  /** When it was last looked up, by the count of commits. */
  touched = 0;
  /** Of its value as bytes; what it takes in memory is a multiple of that. */
  weight = 0;

  constructor(key: StateKey, bucket: Bucket<V>, value: V, sequence: number) {
    this.key = key;
    this.bucket = bucket;
    this.value = value;
    this.sequence = sequence;
  }

  get namespace(): Namespace {
    return this.bucket.namespace;
  }
}

/** What a cell takes in memory beside its value. */
export const CELL_BYTES = 200;

/** About what the cells of a namespace take in memory. */
export function bytesOf(bucket: Bucket<unknown> | undefined): number {
  let bytes = 0;
  for (const { weight } of bucket?.cells.values() ?? []) bytes += CELL_BYTES + 2 * weight;
  return bytes;
}

/** A cell is made where one was removed since the last commit, or is known to be absent. */
export function takePlace<V>(before: LiveCell<V>, cell: LiveCell<V>): void {
  before.isReplaced = true;
  cell.before = before;
  cell.isStored = before.isStored;
  cell.bucket.cells.delete(cell.key);
  cell.bucket.isOrdered = false;
}

/** Of those that stood in a place since the last commit, the first. */
export function rootOf<V>(cell: LiveCell<V>): LiveCell<V> {
  let root = cell;
  while (root.before !== undefined) root = root.before;
  return root;
}

/** The first one takes its place again. */
export function putBack<V>({ key, bucket }: LiveCell<V>, root: LiveCell<V>): void {
  root.isReplaced = false;
  bucket.cells.delete(key);
  bucket.cells.set(key, root);
  bucket.isOrdered = false;
}
