import type { StateKey } from '../../codec/key.ts';
import type { TableSnapshot } from '../state-backend.ts';
import { type Cell, type Namespace, type StateTable, type TableDescriptor, VOID_NAMESPACE } from '../state-table.ts';
import { readAtom, writeAtom } from './atom.ts';
import { CELL_FLAG, flagsOf, namespaceOf, readDifference, saysNothing, writeDifference } from './cell-delta.ts';
import type { DeltaReader, DeltaWriter } from './delta.ts';
import {
  type Bucket,
  bytesOf,
  CELL_BYTES,
  ENCODED,
  GONE,
  HELD,
  LiveCell,
  putBack,
  rootOf,
  takePlace,
} from './live-cell.ts';
import { StoredValueReader } from './stored-value.ts';
import { TableCells } from './table-cells.ts';

/**
 * A table of a task: its cells, and which of them changed since the last commit.
 *
 * 1. A cell that is in memory is found by one look-up of its namespace (most often the one before) and one of its key.
 * 2. `discard` gives each changed cell its value of the last commit again: from its bytes, since the value itself may have
 *    been changed in place, or from the base when it is next looked at.
 */
export class TaskTable<V> extends TableCells<V> implements StateTable<V> {
  #descriptor: TableDescriptor<V> | undefined;
  #dirty: LiveCell<V>[] = [];
  #dropped: Bucket<V>[] = [];
  /** Where the value of each dirty cell ends in the values of the delta; -1 where it has none. */
  #ends: number[] = [];
  #start = 0;

  /** An operator asks for the table, and says how its values are written. */
  describe(descriptor: TableDescriptor<V>): void {
    this.#descriptor = descriptor;
    this.reader = new StoredValueReader(descriptor);
  }

  get size(): number {
    let size = this.undivided;
    for (const { namespace, size: own } of this.buckets.values()) if (typeof namespace === 'number') size += own;
    return size;
  }

  cell(key: StateKey, namespace: Namespace): Cell<V> | undefined {
    const cell = this.bucket(namespace)?.cells.get(key);
    if (cell === undefined) return this.whole ? undefined : this.fromBase(key, namespace);
    cell.touched = this.progress.commits;
    return cell.form === HELD ? cell : this.opened(cell);
  }

  insert(key: StateKey, namespace: Namespace, value: V): Cell<V> {
    const bucket = this.bucket(namespace) ?? this.newBucket(namespace);
    const before = bucket.cells.get(key);
    const cell = new LiveCell(key, bucket, value, this.progress.sequence++);
    if (before !== undefined) takePlace(before, cell);
    bucket.cells.set(key, cell);
    cell.touched = this.progress.commits;
    this.held += CELL_BYTES;
    this.count(bucket, 1);
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
    this.count(live.bucket, -1);
    this.changed(live);
  }

  removeAll(namespace: Namespace): void {
    if (typeof namespace !== 'number') {
      for (const cell of this.cellsIn(namespace)) this.remove(cell);
      return;
    }
    const bucket = this.buckets.get(namespace);
    if (bucket === undefined) return;
    bucket.isDropped = true;
    this.buckets.delete(namespace);
    this.last = undefined;
    this.#dropped.push(bucket);
  }

  /** In the order they were made. */
  *cellsIn(namespace: Namespace): Iterable<Cell<V>> {
    if (!this.whole) this.need({ kind: 'walk', ...this.name, namespace });
    yield* this.cellsAtHand(namespace);
  }

  *cellsAtHand(namespace: Namespace): Iterable<Cell<V>> {
    for (const cell of this.bucket(namespace)?.inOrder() ?? []) {
      if (cell.form === HELD) yield cell;
      else if (cell.form === ENCODED) yield this.opened(cell) as Cell<V>;
    }
  }

  /** Whether a stored value has outlived its time; undefined where none ever does. */
  get isExpired(): ((stored: Uint8Array) => boolean) | undefined {
    const { reader } = this;
    const { isExpired } = this.#descriptor ?? {};
    return isExpired && reader && ((stored) => isExpired(reader.read(stored)));
  }

  *namespaces(): Iterable<Namespace> {
    if (!this.whole && this.isUndividedInBase) this.need({ kind: 'walk', ...this.name, namespace: VOID_NAMESPACE });
    for (const [namespace, bucket] of this.buckets) if (bucket.size > 0) yield namespace;
  }

  writeDelta(out: DeltaWriter): void {
    this.#removeExpired();
    this.#ends = [];
    this.#start = out.values.length;
    if (this.#dirty.length === 0 && this.#dropped.length === 0) return;
    out.begin(this.space);
    out.parts.varint(this.#dropped.length);
    for (const { namespace } of this.#dropped) writeAtom(out.parts, namespace);
    let namespace: Namespace | undefined;
    let sequence = 0;
    for (const cell of this.#dirty) {
      if (saysNothing(cell)) {
        this.#ends.push(-1);
        continue;
      }
      const isOther = cell.namespace !== namespace;
      namespace = cell.namespace;
      out.parts.byte(flagsOf(cell) | (isOther ? CELL_FLAG.otherNamespace : 0));
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
    for (let left = parts.varint(); left > 0; left--) this.#applyDrop(readAtom(parts));
    let namespace: Namespace = '';
    let sequence = 0;
    for (let flags = parts.byte(); flags !== 0; flags = parts.byte()) {
      if ((flags & CELL_FLAG.otherNamespace) !== 0) namespace = namespaceOf(readAtom(parts));
      const key = readAtom(parts);
      if ((flags & CELL_FLAG.removed) !== 0) {
        this.#applyRemoval(key, namespace);
        continue;
      }
      sequence += readDifference(from);
      const isUnloaded = this.bucket(namespace)?.cells.get(key) === undefined;
      const cell = this.restored(key, namespace, sequence, from.value(parts.varint()));
      if ((flags & CELL_FLAG.new) !== 0) this.count(cell.bucket, 1);
      else if (isUnloaded && typeof namespace === 'string') cell.bucket.size++;
      this.setRecent(cell);
    }
  }

  /** What the last delta holds is committed; `values` are its values. */
  committed(values: Uint8Array): void {
    let start = this.#start;
    for (const [place, cell] of this.#dirty.entries()) {
      cell.isDirty = false;
      cell.before = undefined;
      const end = this.#ends[place] ?? -1;
      if (end >= 0) {
        cell.bytes = values.subarray(start, end);
        cell.storedSequence = cell.sequence;
        cell.isStored = true;
        this.weigh(cell, end - start);
        this.setRecent(cell);
        start = end;
      } else if (cell.isReplaced) {
        this.held -= CELL_BYTES + 2 * cell.weight;
      } else if (!cell.bucket.isDropped) {
        this.settleGone(cell);
      }
    }
    for (const bucket of this.#dropped) this.forgetDropped(bucket);
    this.#settled();
  }

  discard(): void {
    for (const bucket of this.#dropped.reverse()) {
      this.held -= bytesOf(this.buckets.get(bucket.namespace));
      bucket.isDropped = false;
      this.buckets.set(bucket.namespace, bucket);
    }
    for (const cell of this.#dirty.reverse()) this.#revert(cell);
    this.#settled();
  }

  /** As plain data. @throws AbsentStateError where not all is in memory */
  snapshot(): TableSnapshot {
    const { serializer, isExpired } = this.#descriptor ?? {};
    const entries: (readonly [StateKey, Namespace, unknown])[] = [];
    for (const namespace of [...this.namespaces()]) {
      for (const { key, value } of this.cellsIn(namespace)) {
        if (!isExpired?.(value)) entries.push([key, namespace, serializer ? serializer.serialize(value) : value]);
      }
    }
    return { name: this.space.name, version: serializer?.version ?? 1, entries };
  }

  #applyDrop(namespace: StateKey): void {
    const bucket = this.buckets.get(namespaceOf(namespace));
    if (bucket === undefined) return;
    this.buckets.delete(bucket.namespace);
    this.last = undefined;
    this.forgetDropped(bucket);
  }

  #applyRemoval(key: StateKey, namespace: Namespace): void {
    const bucket = this.bucket(namespace) ?? this.newBucket(namespace);
    this.noteAbsent(key, namespace);
    const cell = bucket.cells.get(key) as LiveCell<V>;
    const wasUnloaded = cell.form === GONE;
    if (wasUnloaded && typeof namespace === 'string') this.undivided--;
    else this.count(bucket, -1);
    cell.form = GONE;
    this.settleGone(cell);
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
    out.value(serializer?.version ?? 1, serializer === undefined ? cell.value : serializer.serialize(cell.value));
    out.parts.varint(out.values.length - start);
    this.#ends.push(out.values.length);
  }

  #revert(cell: LiveCell<V>): void {
    cell.isDirty = false;
    const { bucket } = cell;
    if (this.buckets.get(bucket.namespace) !== bucket) return;
    if (cell.isReplaced) {
      this.held -= CELL_BYTES + 2 * cell.weight;
      return;
    }
    if (cell.before !== undefined) {
      if (cell.form !== GONE) this.count(bucket, -1);
      putBack(cell, rootOf(cell));
      this.held -= CELL_BYTES + 2 * cell.weight;
      return;
    }
    if (cell.isStored === (cell.form === GONE)) this.count(bucket, cell.isStored ? 1 : -1);
    if (cell.isStored && cell.bytes !== undefined) {
      cell.form = ENCODED;
      cell.sequence = cell.storedSequence;
      return;
    }
    cell.form = cell.isStored ? HELD : GONE;
    this.evict(cell);
    if (cell.isStored) this.setPartial(bucket);
  }

  #settled(): void {
    this.dropEmpty();
    this.#dirty = [];
    this.#dropped = [];
    this.#ends = [];
  }
}
