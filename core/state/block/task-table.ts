import { CorruptBytesError } from '../../codec/byte-reader.ts';
import type { StateKey } from '../../codec/key.ts';
import { InvariantError } from '../../error/error.ts';
import type { Cell, Namespace, StateTable, TableDescriptor } from '../state-table.ts';
import { readAtom, writeAtom } from './atom.ts';
import type { DeltaReader, DeltaWriter } from './delta.ts';
import { Bucket, ENCODED, GONE, HELD, LiveCell } from './live-cell.ts';
import type { Space } from './space.ts';
import { StoredValueReader } from './stored-value.ts';

/** The number of the next cell that is made: one for all tables of a task. */
export type Sequence = { next: number };

/**
 * A table of a task: the cells in memory, which of them changed since the last commit, and what that commit said of them.
 *
 * 1. A cell that is in memory is found by one look-up of its namespace (most often the one before) and one of its key.
 * 2. `discard` gives each changed cell its value of the last commit again: from its bytes, since the value itself may have
 *    been changed in place.
 */
export class TaskTable<V> implements StateTable<V> {
  readonly space: Space;
  readonly #sequence: Sequence;
  readonly #buckets = new Map<Namespace, Bucket<V>>();
  #last: Bucket<V> | undefined;
  #descriptor: TableDescriptor<V> | undefined;
  #reader: StoredValueReader<V> | undefined;
  #dirty: LiveCell<V>[] = [];
  #dropped: Bucket<V>[] = [];
  /** Where the value of each dirty cell ends in the values of the delta; -1 where it has none. */
  #ends: number[] = [];
  #start = 0;

  constructor(space: Space, sequence: Sequence) {
    this.space = space;
    this.#sequence = sequence;
  }

  /** An operator asks for the table, and says how its values are written. */
  describe(descriptor: TableDescriptor<V>): void {
    this.#descriptor = descriptor;
    this.#reader = new StoredValueReader(descriptor);
  }

  get size(): number {
    let size = 0;
    for (const bucket of this.#buckets.values()) size += bucket.size;
    return size;
  }

  cell(key: StateKey, namespace: Namespace): Cell<V> | undefined {
    const cell = this.#bucket(namespace)?.cells.get(key);
    if (cell === undefined) return undefined;
    return cell.form === HELD ? cell : this.#opened(cell);
  }

  insert(key: StateKey, namespace: Namespace, value: V): Cell<V> {
    const bucket = this.#bucket(namespace) ?? this.#newBucket(namespace);
    const before = bucket.cells.get(key);
    const cell = new LiveCell(key, bucket, value, this.#sequence.next++);
    if (before !== undefined) takePlace(before, cell);
    bucket.cells.set(key, cell);
    bucket.size++;
    cell.isDirty = true;
    this.#dirty.push(cell);
    return cell;
  }

  changed(cell: Cell<V>): void {
    const live = cell as LiveCell<V>;
    if (live.isDirty) return;
    live.isDirty = true;
    this.#dirty.push(live);
  }

  remove(cell: Cell<V>): void {
    const live = cell as LiveCell<V>;
    if (live.form === GONE || live.bucket.isDropped) return;
    live.form = GONE;
    live.bucket.size--;
    this.changed(live);
  }

  removeAll(namespace: Namespace): void {
    const bucket = this.#buckets.get(namespace);
    if (bucket === undefined) return;
    bucket.isDropped = true;
    this.#buckets.delete(namespace);
    this.#last = undefined;
    this.#dropped.push(bucket);
  }

  /** In the order they were made. */
  *cellsIn(namespace: Namespace): Iterable<Cell<V>> {
    for (const cell of this.#bucket(namespace)?.inOrder() ?? []) {
      if (cell.form === HELD) yield cell;
      else if (cell.form === ENCODED) yield this.#opened(cell) as Cell<V>;
    }
  }

  *namespaces(): Iterable<Namespace> {
    for (const [namespace, bucket] of this.#buckets) if (bucket.size > 0) yield namespace;
  }

  writeDelta(out: DeltaWriter): void {
    this.#removeExpired();
    this.#ends = [];
    this.#start = out.values.length;
    if (this.#dirty.length === 0 && this.#dropped.length === 0) return;
    out.begin(this.space);
    out.parts.varint(this.#dropped.length);
    for (const { namespace } of this.#dropped) writeAtom(out.parts, namespace);
    this.#writeCells(out, this.#dirty);
  }

  /** All cells, as of the last commit. */
  writeAll(out: DeltaWriter): void {
    const cells = [...this.#buckets.values()].flatMap((bucket) => [...bucket.inOrder()]);
    if (cells.length === 0) return;
    out.begin(this.space);
    out.parts.varint(0);
    this.#writeCells(out, cells);
    this.#ends = [];
  }

  #writeCells(out: DeltaWriter, cells: readonly LiveCell<V>[]): void {
    let namespace: Namespace | undefined;
    let sequence = 0;
    for (const cell of cells) {
      if (saysNothing(cell)) {
        this.#ends.push(-1);
        continue;
      }
      const isOther = cell.namespace !== namespace;
      namespace = cell.namespace;
      out.parts.byte(CELL | (cell.form === GONE ? REMOVED : 0) | (isOther ? OTHER_NAMESPACE : 0));
      if (isOther) writeAtom(out.parts, namespace);
      writeAtom(out.parts, cell.key);
      if (cell.form === GONE) {
        this.#ends.push(-1);
        continue;
      }
      writeDifference(out, cell.sequence - sequence);
      sequence = cell.sequence;
      this.#writeValue(out, cell);
    }
    out.parts.byte(0);
  }

  applyDelta(from: DeltaReader): void {
    const { parts } = from;
    for (let left = parts.varint(); left > 0; left--) this.#buckets.delete(namespaceOf(readAtom(parts)));
    this.#last = undefined;
    let namespace: Namespace = '';
    let sequence = 0;
    for (let flags = parts.byte(); flags !== 0; flags = parts.byte()) {
      if ((flags & OTHER_NAMESPACE) !== 0) namespace = namespaceOf(readAtom(parts));
      const key = readAtom(parts);
      if ((flags & REMOVED) !== 0) {
        this.#forget(key, namespace);
        continue;
      }
      sequence += readDifference(from);
      this.#restore(key, namespace, sequence, from.value(parts.varint()));
    }
  }

  /** What the last delta holds is committed; `values` are its values. */
  committed(values: Uint8Array): void {
    let start = this.#start;
    for (const [place, cell] of this.#dirty.entries()) {
      cell.isDirty = false;
      const end = this.#ends[place] ?? -1;
      if (end >= 0) {
        cell.bytes = values.subarray(start, end);
        cell.storedSequence = cell.sequence;
        cell.isStored = true;
        start = end;
      } else if (cell.form === GONE && !cell.isReplaced) {
        cell.bucket.cells.delete(cell.key);
      }
    }
    this.#settled();
  }

  discard(): void {
    for (const bucket of this.#dropped.reverse()) {
      bucket.isDropped = false;
      this.#buckets.set(bucket.namespace, bucket);
    }
    for (const cell of this.#dirty) this.#revert(cell);
    this.#settled();
  }

  #bucket(namespace: Namespace): Bucket<V> | undefined {
    if (this.#last?.namespace === namespace) return this.#last;
    const bucket = this.#buckets.get(namespace);
    if (bucket !== undefined) this.#last = bucket;
    return bucket;
  }

  #newBucket(namespace: Namespace): Bucket<V> {
    const bucket = new Bucket<V>(namespace);
    this.#buckets.set(namespace, bucket);
    this.#last = bucket;
    return bucket;
  }

  /** A cell that is not held as a value: it is read from its bytes, or there is none. */
  #opened(cell: LiveCell<V>): LiveCell<V> | undefined {
    if (cell.form === GONE) return undefined;
    if (cell.bytes === undefined || this.#reader === undefined) throw notReadable(this.space);
    cell.value = this.#reader.read(cell.bytes);
    cell.form = HELD;
    return cell;
  }

  #restore(key: StateKey, namespace: Namespace, sequence: number, bytes: Uint8Array): void {
    const bucket = this.#bucket(namespace) ?? this.#newBucket(namespace);
    let cell = bucket.cells.get(key);
    if (cell === undefined || cell.storedSequence !== sequence) {
      if (cell === undefined || cell.form === GONE) bucket.size++;
      cell = new LiveCell<V>(key, bucket, undefined as V, sequence);
      bucket.cells.delete(key);
      bucket.cells.set(key, cell);
    }
    cell.form = ENCODED;
    cell.bytes = bytes;
    cell.isStored = true;
    cell.storedSequence = sequence;
    if (sequence >= this.#sequence.next) this.#sequence.next = sequence + 1;
  }

  #forget(key: StateKey, namespace: Namespace): void {
    const bucket = this.#bucket(namespace);
    const cell = bucket?.cells.get(key);
    if (bucket === undefined || cell === undefined) return;
    if (cell.form !== GONE) bucket.size--;
    bucket.cells.delete(key);
  }

  /** What has outlived its time is not written, but removed. */
  #removeExpired(): void {
    const { isExpired } = this.#descriptor ?? {};
    if (isExpired === undefined) return;
    for (const cell of this.#dirty) if (cell.form === HELD && isExpired(cell.value)) this.remove(cell);
  }

  #writeValue(out: DeltaWriter, cell: LiveCell<V>): void {
    const start = out.values.length;
    const { serializer } = this.#descriptor ?? {};
    if (cell.form === ENCODED && cell.bytes !== undefined) out.values.bytes(cell.bytes);
    else out.value(serializer?.version ?? 1, serializer === undefined ? cell.value : serializer.serialize(cell.value));
    out.parts.varint(out.values.length - start);
    this.#ends.push(out.values.length);
  }

  #revert(cell: LiveCell<V>): void {
    cell.isDirty = false;
    const { bucket } = cell;
    if (cell.isReplaced || this.#buckets.get(bucket.namespace) !== bucket) return;
    if (cell.isStored) {
      if (cell.form === GONE) bucket.size++;
      cell.form = ENCODED;
      cell.sequence = cell.storedSequence;
      return;
    }
    if (cell.form !== GONE) bucket.size--;
    bucket.cells.delete(cell.key);
  }

  #settled(): void {
    for (const [namespace, bucket] of this.#buckets) if (bucket.cells.size === 0) this.#buckets.delete(namespace);
    this.#last = undefined;
    this.#dirty = [];
    this.#dropped = [];
    this.#ends = [];
  }
}

const CELL = 1;
const REMOVED = 2;
const OTHER_NAMESPACE = 4;

/** Nothing of a cell is written that came and went since the last commit, or was dropped with its namespace. */
function saysNothing(cell: LiveCell<unknown>): boolean {
  return cell.isReplaced || cell.bucket.isDropped || (cell.form === GONE && !cell.isStored);
}

function takePlace<V>(before: LiveCell<V>, cell: LiveCell<V>): void {
  before.isReplaced = true;
  cell.isStored = before.isStored;
  cell.bytes = before.bytes;
  cell.storedSequence = before.storedSequence;
  cell.bucket.cells.delete(cell.key);
  cell.bucket.isOrdered = false;
}

/** Zigzag, so that a small step back is small too. */
function writeDifference(out: DeltaWriter, difference: number): void {
  out.parts.varint(difference < 0 ? -2 * difference - 1 : 2 * difference);
}

function readDifference(from: DeltaReader): number {
  const folded = from.parts.varint();
  return folded % 2 === 0 ? folded / 2 : -(folded + 1) / 2;
}

function namespaceOf(atom: StateKey): Namespace {
  if (typeof atom === 'boolean') throw new CorruptBytesError('a namespace is no boolean');
  return atom;
}

function notReadable({ uid, name }: Space): InvariantError {
  return new InvariantError(`state "${name}" of operator "${uid}" was read before the operator asked for it`);
}
