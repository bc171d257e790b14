import { CorruptBytesError } from '../../codec/byte-reader.ts';
import type { StateKey } from '../../codec/key.ts';
import { InvariantError } from '../../error/error.ts';
import type { Cell, Namespace, StateTable, TableDescriptor } from '../state-table.ts';
import { type AbsentState, AbsentStateError } from './absent-state.ts';
import { readAtom, writeAtom } from './atom.ts';
import type { SpaceSizes } from './base.ts';
import type { Entry } from './block.ts';
import type { DeltaReader, DeltaWriter } from './delta.ts';
import { partsOf } from './entry-key.ts';
import type { FreshEntries } from './fresh.ts';
import { Bucket, ENCODED, GONE, HELD, LiveCell } from './live-cell.ts';
import { ABSENT, type Needs } from './run-stack.ts';
import type { Space } from './space.ts';
import type { SpaceBase } from './space-base.ts';
import { StoredValueReader } from './stored-value.ts';

/** What all spaces of a task share: the number of the next thing that is made, and how many commits there were. */
export type Progress = { sequence: number; commits: number };

/** What a cell takes in memory beside its value. */
const CELL_BYTES = 200;

/**
 * A table of a task: the cells in memory, which of them changed since the last commit, what the rows since the base say of
 * them, and, below that, the base.
 *
 * 1. A cell that is in memory is found by one look-up of its namespace (most often the one before) and one of its key.
 *    Where all that there is is in memory (`#isWhole`), what is not found is not there.
 * 2. What rows since the base say stays in memory until the next base; the rest may be evicted between commits.
 * 3. `discard` gives each changed cell its value of the last commit again: from its bytes, since the value itself may have
 *    been changed in place, or from the base when it is next looked at.
 */
export class TaskTable<V> implements StateTable<V> {
  readonly space: Space;
  readonly #progress: Progress;
  readonly #buckets = new Map<Namespace, Bucket<V>>();
  /** Cells whose namespace is text. */
  #undivided = 0;
  #last: Bucket<V> | undefined;
  #descriptor: TableDescriptor<V> | undefined;
  #reader: StoredValueReader<V> | undefined;
  #dirty: LiveCell<V>[] = [];
  #dropped: Bucket<V>[] = [];
  /** Where the value of each dirty cell ends in the values of the delta; -1 where it has none. */
  #ends: number[] = [];
  #start = 0;
  #recent: LiveCell<V>[] = [];
  #recentDrops = new Set<number>();
  #base: SpaceBase | undefined;
  #isWhole = true;
  #isUndividedInBase = false;
  #isUndividedLoaded = false;
  #bytes = 0;
  #recentBytes = 0;

  constructor(space: Space, progress: Progress) {
    this.space = space;
    this.#progress = progress;
  }

  /** An operator asks for the table, and says how its values are written. */
  describe(descriptor: TableDescriptor<V>): void {
    this.#descriptor = descriptor;
    this.#reader = new StoredValueReader(descriptor);
  }

  get size(): number {
    let size = this.#undivided;
    for (const { namespace, size: own } of this.#buckets.values()) if (typeof namespace === 'number') size += own;
    return size;
  }

  /** About what its cells take in memory. */
  get bytes(): number {
    return this.#bytes;
  }

  cell(key: StateKey, namespace: Namespace): Cell<V> | undefined {
    const cell = this.#bucket(namespace)?.cells.get(key);
    if (cell === undefined) return this.#isWhole ? undefined : this.#fromBase(key, namespace);
    cell.touched = this.#progress.commits;
    return cell.form === HELD ? cell : this.#opened(cell);
  }

  insert(key: StateKey, namespace: Namespace, value: V): Cell<V> {
    const bucket = this.#bucket(namespace) ?? this.#newBucket(namespace);
    const before = bucket.cells.get(key);
    const cell = new LiveCell(key, bucket, value, this.#progress.sequence++);
    if (before !== undefined) takePlace(before, cell);
    bucket.cells.set(key, cell);
    cell.touched = this.#progress.commits;
    this.#bytes += CELL_BYTES;
    this.#count(bucket, 1);
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
    this.#count(live.bucket, -1);
    this.changed(live);
  }

  removeAll(namespace: Namespace): void {
    if (typeof namespace !== 'number') {
      for (const cell of this.cellsIn(namespace)) this.remove(cell);
      return;
    }
    const bucket = this.#buckets.get(namespace);
    if (bucket === undefined) return;
    bucket.isDropped = true;
    this.#buckets.delete(namespace);
    this.#last = undefined;
    this.#dropped.push(bucket);
  }

  /** In the order they were made. */
  *cellsIn(namespace: Namespace): Iterable<Cell<V>> {
    if (!this.#isWhole) this.#need({ kind: 'walk', ...this.#name, namespace });
    for (const cell of this.#bucket(namespace)?.inOrder() ?? []) {
      if (cell.form === HELD) yield cell;
      else if (cell.form === ENCODED) yield this.#opened(cell) as Cell<V>;
    }
  }

  *namespaces(): Iterable<Namespace> {
    if (!this.#isWhole && this.#isUndividedInBase) this.#need({ kind: 'walk', ...this.#name, namespace: '' });
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
    let namespace: Namespace | undefined;
    let sequence = 0;
    for (const cell of this.#dirty) {
      if (saysNothing(cell)) {
        this.#ends.push(-1);
        continue;
      }
      const isOther = cell.namespace !== namespace;
      namespace = cell.namespace;
      out.parts.byte(flagsOf(cell) | (isOther ? OTHER_NAMESPACE : 0));
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
      if ((flags & OTHER_NAMESPACE) !== 0) namespace = namespaceOf(readAtom(parts));
      const key = readAtom(parts);
      if ((flags & REMOVED) !== 0) {
        this.#applyRemoval(key, namespace);
        continue;
      }
      sequence += readDifference(from);
      const isUnloaded = this.#bucket(namespace)?.cells.get(key) === undefined;
      const cell = this.#restored(key, namespace, sequence, from.value(parts.varint()));
      if ((flags & NEW) !== 0) this.#count(cell.bucket, 1);
      else if (isUnloaded && typeof namespace === 'string') cell.bucket.size++;
      this.#setRecent(cell);
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
        this.#weigh(cell, end - start);
        this.#setRecent(cell);
        start = end;
      } else if (cell.isReplaced) {
        this.#bytes -= CELL_BYTES + 2 * cell.weight;
      } else if (!cell.bucket.isDropped) {
        this.#settleGone(cell);
      }
    }
    for (const bucket of this.#dropped) this.#forgetDropped(bucket);
    this.#settled();
  }

  discard(): void {
    for (const bucket of this.#dropped.reverse()) {
      this.#bytes -= bytesOf(this.#buckets.get(bucket.namespace));
      bucket.isDropped = false;
      this.#buckets.set(bucket.namespace, bucket);
    }
    for (const cell of this.#dirty.reverse()) this.#revert(cell);
    this.#settled();
  }

  /** What the rows since the base say: to be written to a new one. */
  writeFresh(out: FreshEntries): void {
    for (const order of this.#recentDrops) out.drop(order);
    for (const cell of this.#recent) {
      if (cell.bucket.cells.get(cell.key) !== cell || this.#buckets.get(cell.namespace) !== cell.bucket) continue;
      out.cell(cell.key, cell.namespace, cell.storedSequence, cell.isStored ? cell.bytes : undefined);
    }
  }

  sizes(): SpaceSizes['sizes'] {
    const sizes: [Namespace, number][] = this.#undivided > 0 ? [['', this.#undivided]] : [];
    for (const [namespace, { size }] of this.#buckets) {
      if (typeof namespace === 'number' && size > 0) sizes.push([namespace, size]);
    }
    return sizes;
  }

  /** A base holds all that the rows before it said. */
  adopt(base: SpaceBase): void {
    this.#base = base;
    for (const cell of this.#recent) {
      cell.isRecent = false;
      cell.bucket.isInBase = true;
      if (typeof cell.namespace === 'string') this.#isUndividedInBase = true;
      if (cell.form !== ENCODED) cell.bytes = undefined;
      if (cell.form === GONE && !cell.isDirty && cell.bucket.cells.get(cell.key) === cell) this.#evict(cell);
    }
    this.#recent = [];
    this.#recentBytes = 0;
    this.#recentDrops.clear();
  }

  /** Begins over a base. */
  open(base: SpaceBase, sizes: SpaceSizes['sizes']): void {
    this.#base = base;
    this.#isWhole = false;
    for (const [namespace, size] of sizes) {
      if (typeof namespace === 'string') {
        this.#undivided += size;
        this.#isUndividedInBase = true;
      } else {
        const bucket = this.#bucket(namespace) ?? this.#newBucket(namespace);
        bucket.size += size;
        bucket.isInBase = true;
      }
    }
  }

  /** All that there is is in memory: now its sizes are known, however many others there were before a reshard. */
  setWhole(): void {
    this.#isWhole = true;
    this.#undivided = 0;
    for (const bucket of this.#buckets.values()) {
      bucket.size = bucket.cells.size;
      if (typeof bucket.namespace === 'string') this.#undivided += bucket.size;
    }
    this.#settled();
  }

  get isWhole(): boolean {
    return this.#isWhole;
  }

  /** About what the cells take that rows since the base speak of. */
  get recentBytes(): number {
    return this.#recentBytes;
  }

  /** Takes what is absent from the base into memory, as far as its blocks are there. */
  take(absent: AbsentState, needs: Needs): void {
    if (absent.kind === 'cell') this.#takeCell(absent.key, absent.namespace, needs);
    else if (absent.kind === 'walk') this.#takeAll(absent.namespace ?? '', needs);
  }

  /**
   * Takes what the base has of a key, whatever its namespace. `isAgain`: what is not found now was worth a read before, and
   * is remembered as not there.
   */
  takeKey(key: StateKey, needs: Needs, isAgain: boolean): boolean {
    if (this.#isWhole || this.#base === undefined) return true;
    const before = needs.length;
    for (const bucket of this.#buckets.values()) {
      if (!bucket.isInBase || bucket.isLoaded || typeof bucket.namespace !== 'number') continue;
      if (!bucket.cells.has(key)) this.#takeCell(key, bucket.namespace, needs, isAgain);
    }
    if (this.#isUndividedInBase) this.#takeUndivided(key, needs, isAgain);
    return needs.length === before;
  }

  takeEntry(entry: Entry): void {
    const { order, key, rest } = partsOf(entry.key);
    const namespace = order ?? rest ?? '';
    const bucket = this.#bucket(namespace) ?? this.#newBucket(namespace);
    if (bucket.cells.has(key)) return;
    const value = entry.value ?? new Uint8Array();
    const cell = this.#restored(key, namespace, entry.sequence, value.slice());
    if (typeof namespace === 'string') bucket.size++;
    bucket.isOrdered = false;
    cell.touched = this.#progress.commits;
    if (this.#reader !== undefined) this.#opened(cell);
  }

  /** Lets go of cells that the base has and that were not touched since that commit. */
  evictBefore(commit: number): void {
    if (this.#base === undefined) return;
    for (const bucket of this.#buckets.values()) {
      for (const cell of bucket.cells.values()) {
        if (cell.isDirty || cell.isRecent || cell.touched >= commit) continue;
        this.#evict(cell);
        this.#setPartial(bucket);
      }
      if (bucket.cells.size === 0 && typeof bucket.namespace === 'string') this.#buckets.delete(bucket.namespace);
    }
    this.#last = undefined;
  }

  get #name(): { readonly uid: string; readonly name: string } {
    return { uid: this.space.uid, name: this.space.name };
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

  #count(bucket: Bucket<V>, change: number): void {
    bucket.size += change;
    if (typeof bucket.namespace === 'string') this.#undivided += change;
  }

  /** A cell that is not held as a value: it is read from its bytes, or there is none. */
  #opened(cell: LiveCell<V>): LiveCell<V> | undefined {
    if (cell.form === GONE) return undefined;
    if (cell.bytes === undefined || this.#reader === undefined) throw notReadable(this.space);
    cell.value = this.#reader.read(cell.bytes);
    cell.form = HELD;
    if (!cell.isRecent) cell.bytes = undefined;
    return cell;
  }

  /** @throws AbsentStateError where its block is not in memory */
  #fromBase(key: StateKey, namespace: Namespace): Cell<V> | undefined {
    const needs: Needs = [];
    const cell = this.#takeCell(key, namespace, needs);
    if (needs.length > 0) throw new AbsentStateError({ kind: 'cell', ...this.#name, key, namespace });
    return cell === undefined ? undefined : this.#opened(cell);
  }

  #need(absent: AbsentState): void {
    const needs: Needs = [];
    this.take(absent, needs);
    if (needs.length > 0) throw new AbsentStateError(absent);
  }

  #mayBeInBase(namespace: Namespace): boolean {
    if (typeof namespace === 'string') return this.#isUndividedInBase;
    return this.#buckets.get(namespace)?.isInBase ?? false;
  }

  #takeCell(key: StateKey, namespace: Namespace, needs: Needs, isAgain = true): LiveCell<V> | undefined {
    if (this.#base === undefined || !this.#mayBeInBase(namespace)) return undefined;
    const entry = this.#base.cell(key, namespace, needs);
    if (entry === ABSENT) return undefined;
    if (entry !== undefined) this.takeEntry(entry);
    else if (isAgain) this.#noteAbsent(key, namespace);
    return this.#bucket(namespace)?.cells.get(key);
  }

  #takeUndivided(key: StateKey, needs: Needs, isAgain: boolean): void {
    const found = this.#base?.undividedOf(key, needs) ?? [];
    if (found === ABSENT) return;
    for (const entry of found) this.takeEntry(entry);
    if (isAgain) this.#noteAbsent(key, '');
  }

  /** Remembers that a cell is not there, so that its block need not stay. */
  #noteAbsent(key: StateKey, namespace: Namespace): void {
    const bucket = this.#bucket(namespace) ?? this.#newBucket(namespace);
    if (bucket.cells.has(key)) return;
    const cell = new LiveCell<V>(key, bucket, undefined as V, 0);
    cell.form = GONE;
    cell.touched = this.#progress.commits;
    bucket.cells.set(key, cell);
    this.#bytes += CELL_BYTES;
  }

  #takeAll(namespace: Namespace, needs: Needs): void {
    if (this.#base === undefined || !this.#mayBeInBase(namespace)) return;
    const bucket = this.#buckets.get(namespace);
    const isText = typeof namespace === 'string';
    if (isText ? this.#isUndividedLoaded : bucket?.isLoaded) return;
    const found = isText ? this.#base.undivided(needs) : this.#base.division(namespace, needs);
    if (found === ABSENT) return;
    for (const entry of found) this.takeEntry(entry);
    if (isText) this.#isUndividedLoaded = true;
    else if (bucket !== undefined) bucket.isLoaded = true;
  }

  #restored(key: StateKey, namespace: Namespace, sequence: number, bytes: Uint8Array): LiveCell<V> {
    const bucket = this.#bucket(namespace) ?? this.#newBucket(namespace);
    let cell = bucket.cells.get(key);
    if (cell === undefined || cell.storedSequence !== sequence || cell.form === GONE) {
      if (cell === undefined) this.#bytes += CELL_BYTES;
      cell = new LiveCell<V>(key, bucket, undefined as V, sequence);
      bucket.cells.delete(key);
      bucket.cells.set(key, cell);
    }
    cell.form = ENCODED;
    cell.bytes = bytes;
    cell.isStored = true;
    cell.storedSequence = sequence;
    this.#weigh(cell, bytes.length);
    if (sequence >= this.#progress.sequence) this.#progress.sequence = sequence + 1;
    return cell;
  }

  #applyDrop(namespace: StateKey): void {
    const bucket = this.#buckets.get(namespaceOf(namespace));
    if (bucket === undefined) return;
    this.#buckets.delete(bucket.namespace);
    this.#last = undefined;
    this.#forgetDropped(bucket);
  }

  #applyRemoval(key: StateKey, namespace: Namespace): void {
    const bucket = this.#bucket(namespace) ?? this.#newBucket(namespace);
    this.#noteAbsent(key, namespace);
    const cell = bucket.cells.get(key) as LiveCell<V>;
    const wasUnloaded = cell.form === GONE;
    if (wasUnloaded && typeof namespace === 'string') this.#undivided--;
    else this.#count(bucket, -1);
    cell.form = GONE;
    this.#settleGone(cell);
  }

  /** What is gone by a commit must hide what the base says of it, if that says something. */
  #settleGone(cell: LiveCell<V>): void {
    cell.isStored = false;
    cell.bytes = undefined;
    this.#weigh(cell, 0);
    if (this.#mayBeInBase(cell.namespace)) this.#setRecent(cell);
    else if (cell.bucket.cells.get(cell.key) === cell) this.#evict(cell);
  }

  #forgetDropped(bucket: Bucket<V>): void {
    if (bucket.isInBase) this.#recentDrops.add(bucket.namespace as number);
    this.#bytes -= bytesOf(bucket);
  }

  #setRecent(cell: LiveCell<V>): void {
    if (cell.isRecent) return;
    cell.isRecent = true;
    this.#recent.push(cell);
    this.#recentBytes += CELL_BYTES + 2 * cell.weight;
  }

  #weigh(cell: LiveCell<V>, weight: number): void {
    this.#bytes += 2 * (weight - cell.weight);
    cell.weight = weight;
  }

  /** Out of memory; where the namespace is text it no longer counts among those in memory. */
  #evict(cell: LiveCell<V>): void {
    const { bucket } = cell;
    bucket.cells.delete(cell.key);
    if (cell.form !== GONE && typeof bucket.namespace === 'string') bucket.size--;
    this.#bytes -= CELL_BYTES + 2 * cell.weight;
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
    if (this.#buckets.get(bucket.namespace) !== bucket) return;
    if (cell.isReplaced) {
      this.#bytes -= CELL_BYTES + 2 * cell.weight;
      return;
    }
    if (cell.before !== undefined) {
      if (cell.form !== GONE) this.#count(bucket, -1);
      putBack(cell, rootOf(cell));
      this.#bytes -= CELL_BYTES + 2 * cell.weight;
      return;
    }
    if (cell.isStored === (cell.form === GONE)) this.#count(bucket, cell.isStored ? 1 : -1);
    if (cell.isStored && cell.bytes !== undefined) {
      cell.form = ENCODED;
      cell.sequence = cell.storedSequence;
      return;
    }
    cell.form = cell.isStored ? HELD : GONE;
    this.#evict(cell);
    if (cell.isStored) this.#setPartial(bucket);
  }

  /** Something that the base has of this namespace is not in memory any more. */
  #setPartial(bucket: Bucket<V>): void {
    this.#isWhole = false;
    if (typeof bucket.namespace === 'string') this.#isUndividedLoaded = false;
    else bucket.isLoaded = false;
  }

  #settled(): void {
    for (const [namespace, bucket] of this.#buckets) {
      if (bucket.cells.size === 0 && !(bucket.isInBase && bucket.size > 0)) this.#buckets.delete(namespace);
    }
    this.#last = undefined;
    this.#dirty = [];
    this.#dropped = [];
    this.#ends = [];
  }
}

const CELL = 1;
const REMOVED = 2;
const OTHER_NAMESPACE = 4;
const NEW = 8;

function flagsOf({ form, isStored }: LiveCell<unknown>): number {
  return CELL | (form === GONE ? REMOVED : 0) | (isStored ? 0 : NEW);
}

/** About what the cells of a namespace take in memory. */
function bytesOf(bucket: Bucket<unknown> | undefined): number {
  let bytes = 0;
  for (const { weight } of bucket?.cells.values() ?? []) bytes += CELL_BYTES + 2 * weight;
  return bytes;
}

/** Nothing of a cell is written that came and went since the last commit, or was dropped with its namespace. */
function saysNothing(cell: LiveCell<unknown>): boolean {
  return cell.isReplaced || cell.bucket.isDropped || (cell.form === GONE && !cell.isStored);
}

function takePlace<V>(before: LiveCell<V>, cell: LiveCell<V>): void {
  before.isReplaced = true;
  cell.before = before;
  cell.isStored = before.isStored;
  cell.bucket.cells.delete(cell.key);
  cell.bucket.isOrdered = false;
}

/** Of those that stood in a place since the last commit, the first. */
function rootOf<V>(cell: LiveCell<V>): LiveCell<V> {
  let root = cell;
  while (root.before !== undefined) root = root.before;
  return root;
}

function putBack<V>({ key, bucket }: LiveCell<V>, root: LiveCell<V>): void {
  root.isReplaced = false;
  bucket.cells.delete(key);
  bucket.cells.set(key, root);
  bucket.isOrdered = false;
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
