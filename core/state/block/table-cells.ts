import type { StateKey } from '../../codec/key.ts';
import { InvariantError } from '../../error/error.ts';
import { type Cell, type Namespace, VOID_NAMESPACE } from '../state-table.ts';
import { type AbsentState, AbsentStateError } from './absent-state.ts';
import type { SpaceSizes } from './base.ts';
import type { Entry } from './block.ts';
import { partsOf } from './entry-key.ts';
import type { FreshEntries } from './fresh.ts';
import { Bucket, bytesOf, CELL_BYTES, ENCODED, GONE, HELD, LiveCell } from './live-cell.ts';
import { ABSENT, type Needs } from './run-stack.ts';
import type { Space } from './space.ts';
import type { SpaceBase } from './space-base.ts';
import type { StoredValueReader } from './stored-value.ts';

/** What all spaces of a task share: the number of the next thing that is made, and how many commits there were. */
export type Progress = { sequence: number; commits: number };

/**
 * The cells of a table that are in memory, and under them those of the base.
 *
 * 1. Where all that there is is in memory (`whole`), what is not found is not there; otherwise it is looked for in the base.
 * 2. What rows since the base say stays in memory until the next base and hides what the base says; the rest may be evicted
 *    between commits.
 */
export class TableCells<V> {
  readonly space: Space;
  protected readonly progress: Progress;
  protected readonly buckets = new Map<Namespace, Bucket<V>>();
  /** Cells whose namespace is text. */
  protected undivided = 0;
  protected last: Bucket<V> | undefined;
  protected reader: StoredValueReader<V> | undefined;
  protected whole = true;
  protected isUndividedInBase = false;
  protected held = 0;
  #recent: LiveCell<V>[] = [];
  #recentDrops = new Set<number>();
  #recentHeld = 0;
  #base: SpaceBase | undefined;
  #isUndividedLoaded = false;
  #hasText = false;

  constructor(space: Space, progress: Progress) {
    this.space = space;
    this.progress = progress;
  }

  /** About what its cells take in memory. */
  get bytes(): number {
    return this.held;
  }

  /** What the rows since the base say: to be written to a new one. */
  writeFresh(out: FreshEntries): void {
    for (const order of this.#recentDrops) out.drop(order);
    for (const cell of this.#recent) {
      if (cell.bucket.cells.get(cell.key) !== cell || this.buckets.get(cell.namespace) !== cell.bucket) continue;
      out.cell(cell.key, cell.namespace, cell.storedSequence, cell.isStored ? cell.bytes : undefined);
    }
  }

  sizes(): SpaceSizes['sizes'] {
    const sizes: [Namespace, number][] = this.undivided > 0 ? [['', this.undivided]] : [];
    for (const [namespace, { size }] of this.buckets) {
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
      if (typeof cell.namespace === 'string') this.isUndividedInBase = true;
      if (cell.form !== ENCODED) cell.bytes = undefined;
      if (cell.form === GONE && !cell.isDirty && cell.bucket.cells.get(cell.key) === cell) this.evict(cell);
    }
    this.#recent = [];
    this.#recentHeld = 0;
    this.#recentDrops.clear();
  }

  get hasText(): boolean {
    return this.#hasText;
  }

  /** Begins over a base. */
  open(base: SpaceBase, { sizes, hasText }: SpaceSizes): void {
    this.#base = base;
    this.whole = false;
    this.#hasText ||= hasText;
    for (const [namespace, size] of sizes) {
      if (typeof namespace === 'string') {
        this.undivided += size;
        this.isUndividedInBase = true;
      } else {
        const bucket = this.bucket(namespace) ?? this.newBucket(namespace);
        bucket.size += size;
        bucket.isInBase = true;
      }
    }
  }

  /** All that there is is in memory: now its sizes are known, however many others there were before a reshard. */
  setWhole(): void {
    this.whole = true;
    this.undivided = 0;
    for (const bucket of this.buckets.values()) {
      bucket.size = bucket.cells.size;
      if (typeof bucket.namespace === 'string') this.undivided += bucket.size;
    }
    this.dropEmpty();
  }

  get isWhole(): boolean {
    return this.whole;
  }

  /** About what the cells take that rows since the base speak of. */
  get recentBytes(): number {
    return this.#recentHeld;
  }

  /** Takes what is absent from the base into memory, as far as its blocks are there. */
  take(absent: AbsentState, needs: Needs): void {
    if (absent.kind === 'cell') this.takeCell(absent.key, absent.namespace, needs);
    else if (absent.kind === 'walk') this.#takeAll(absent.namespace ?? '', needs);
  }

  /**
   * Takes what the base has of a key, whatever its namespace. `isAgain`: what is not found now was worth a read before, and
   * is remembered as not there.
   */
  takeKey(key: StateKey, needs: Needs, isAgain: boolean): boolean {
    if (this.whole || this.#base === undefined) return true;
    const before = needs.length;
    for (const bucket of this.buckets.values()) {
      if (!bucket.isInBase || bucket.isLoaded || typeof bucket.namespace !== 'number') continue;
      if (!bucket.cells.has(key)) this.takeCell(key, bucket.namespace, needs, isAgain);
    }
    if (this.isUndividedInBase && !this.#isUndividedLoaded) this.#takeUndivided(key, needs, isAgain);
    return needs.length === before;
  }

  takeEntry(entry: Entry): void {
    const { order, key, rest } = partsOf(entry.key);
    const namespace = order ?? rest ?? '';
    const bucket = this.bucket(namespace) ?? this.newBucket(namespace);
    if (bucket.cells.has(key)) return;
    const value = entry.value ?? new Uint8Array();
    const cell = this.restored(key, namespace, entry.sequence, value.slice());
    if (typeof namespace === 'string') bucket.size++;
    bucket.isOrdered = false;
    cell.touched = this.progress.commits;
    if (this.reader !== undefined) this.opened(cell);
  }

  /** Lets go of cells that the base has and that were not touched since that commit. */
  evictBefore(commit: number): void {
    if (this.#base === undefined) return;
    for (const bucket of this.buckets.values()) {
      for (const cell of bucket.cells.values()) {
        if (cell.isDirty || cell.isRecent || cell.touched >= commit) continue;
        this.evict(cell);
        this.setPartial(bucket);
      }
      if (bucket.cells.size === 0 && typeof bucket.namespace === 'string') this.buckets.delete(bucket.namespace);
    }
    this.last = undefined;
  }

  protected get name(): { readonly uid: string; readonly name: string } {
    return { uid: this.space.uid, name: this.space.name };
  }

  protected bucket(namespace: Namespace): Bucket<V> | undefined {
    if (this.last?.namespace === namespace) return this.last;
    const bucket = this.buckets.get(namespace);
    if (bucket !== undefined) this.last = bucket;
    return bucket;
  }

  protected newBucket(namespace: Namespace): Bucket<V> {
    const bucket = new Bucket<V>(namespace);
    if (typeof namespace === 'string' && namespace !== VOID_NAMESPACE) this.#hasText = true;
    this.buckets.set(namespace, bucket);
    this.last = bucket;
    return bucket;
  }

  protected count(bucket: Bucket<V>, change: number): void {
    bucket.size += change;
    if (typeof bucket.namespace === 'string') this.undivided += change;
  }

  /** A cell that is not held as a value: it is read from its bytes, or there is none. */
  protected opened(cell: LiveCell<V>): LiveCell<V> | undefined {
    if (cell.form !== ENCODED) return cell.form === HELD ? cell : undefined;
    if (cell.bytes === undefined || this.reader === undefined) throw notReadable(this.space);
    cell.value = this.reader.read(cell.bytes);
    cell.form = HELD;
    if (!cell.isRecent) cell.bytes = undefined;
    return cell;
  }

  /** @throws AbsentStateError where its block is not in memory */
  protected fromBase(key: StateKey, namespace: Namespace): Cell<V> | undefined {
    const needs: Needs = [];
    const cell = this.takeCell(key, namespace, needs);
    if (needs.length > 0) throw new AbsentStateError({ kind: 'cell', ...this.name, key, namespace });
    return cell === undefined ? undefined : this.opened(cell);
  }

  protected need(absent: AbsentState): void {
    const needs: Needs = [];
    this.take(absent, needs);
    if (needs.length > 0) throw new AbsentStateError(absent);
  }

  protected mayBeInBase(namespace: Namespace): boolean {
    if (typeof namespace === 'string') return this.isUndividedInBase;
    return this.buckets.get(namespace)?.isInBase ?? false;
  }

  protected takeCell(key: StateKey, namespace: Namespace, needs: Needs, isAgain = true): LiveCell<V> | undefined {
    if (this.#base === undefined || !this.mayBeInBase(namespace)) return undefined;
    const entry = this.#base.cell(key, namespace, needs);
    if (entry === ABSENT) return undefined;
    if (entry !== undefined) this.takeEntry(entry);
    else if (isAgain) this.noteAbsent(key, namespace);
    return this.bucket(namespace)?.cells.get(key);
  }

  #takeUndivided(key: StateKey, needs: Needs, isAgain: boolean): void {
    if (!this.#hasText) {
      if (this.bucket(VOID_NAMESPACE)?.cells.has(key) !== true) this.takeCell(key, VOID_NAMESPACE, needs, isAgain);
      return;
    }
    const found = this.#base?.undividedOf(key, needs) ?? [];
    if (found === ABSENT) return;
    for (const entry of found) this.takeEntry(entry);
    if (isAgain) this.noteAbsent(key, VOID_NAMESPACE);
  }

  /** Remembers that a cell is not there, so that its block need not stay. */
  protected noteAbsent(key: StateKey, namespace: Namespace): void {
    const bucket = this.bucket(namespace) ?? this.newBucket(namespace);
    if (bucket.cells.has(key)) return;
    const cell = new LiveCell<V>(key, bucket, undefined as V, 0);
    cell.form = GONE;
    cell.touched = this.progress.commits;
    bucket.cells.set(key, cell);
    this.held += CELL_BYTES;
  }

  #takeAll(namespace: Namespace, needs: Needs): void {
    if (this.#base === undefined || !this.mayBeInBase(namespace)) return;
    const bucket = this.buckets.get(namespace);
    const isText = typeof namespace === 'string';
    if (isText ? this.#isUndividedLoaded : bucket?.isLoaded) return;
    const found = isText ? this.#base.undivided(needs) : this.#base.division(namespace, needs);
    if (found === ABSENT) return;
    for (const entry of found) this.takeEntry(entry);
    if (isText) this.#isUndividedLoaded = true;
    else if (bucket !== undefined) bucket.isLoaded = true;
  }

  protected restored(key: StateKey, namespace: Namespace, sequence: number, bytes: Uint8Array): LiveCell<V> {
    const bucket = this.bucket(namespace) ?? this.newBucket(namespace);
    let cell = bucket.cells.get(key);
    if (cell === undefined || cell.storedSequence !== sequence || cell.form === GONE) {
      if (cell === undefined) this.held += CELL_BYTES;
      cell = new LiveCell<V>(key, bucket, undefined as V, sequence);
      bucket.cells.delete(key);
      bucket.cells.set(key, cell);
    }
    cell.form = ENCODED;
    cell.bytes = bytes;
    cell.isStored = true;
    cell.storedSequence = sequence;
    this.weigh(cell, bytes.length);
    if (sequence >= this.progress.sequence) this.progress.sequence = sequence + 1;
    return cell;
  }

  /** What is gone by a commit must hide what the base says of it, if that says something. */
  protected settleGone(cell: LiveCell<V>): void {
    cell.isStored = false;
    cell.bytes = undefined;
    this.weigh(cell, 0);
    if (this.mayBeInBase(cell.namespace)) this.setRecent(cell);
    else if (cell.bucket.cells.get(cell.key) === cell) this.evict(cell);
  }

  protected forgetDropped(bucket: Bucket<V>): void {
    if (bucket.isInBase) this.#recentDrops.add(bucket.namespace as number);
    this.held -= bytesOf(bucket);
  }

  protected setRecent(cell: LiveCell<V>): void {
    if (cell.isRecent) return;
    cell.isRecent = true;
    this.#recent.push(cell);
    this.#recentHeld += CELL_BYTES + 2 * cell.weight;
  }

  protected weigh(cell: LiveCell<V>, weight: number): void {
    this.held += 2 * (weight - cell.weight);
    cell.weight = weight;
  }

  /** Out of memory; where the namespace is text it no longer counts among those in memory. */
  protected evict(cell: LiveCell<V>): void {
    const { bucket } = cell;
    bucket.cells.delete(cell.key);
    if (cell.form !== GONE && typeof bucket.namespace === 'string') bucket.size--;
    this.held -= CELL_BYTES + 2 * cell.weight;
  }

  /** Something that the base has of this namespace is not in memory any more. */
  protected setPartial(bucket: Bucket<V>): void {
    this.whole = false;
    if (typeof bucket.namespace === 'string') this.#isUndividedLoaded = false;
    else bucket.isLoaded = false;
  }

  /** Without the namespaces that have no cell. */
  protected dropEmpty(): void {
    for (const [namespace, bucket] of this.buckets) {
      if (bucket.cells.size === 0 && !(bucket.isInBase && bucket.size > 0)) this.buckets.delete(namespace);
    }
    this.last = undefined;
  }
}

function notReadable({ uid, name }: Space): InvariantError {
  return new InvariantError(`state "${name}" of operator "${uid}" was read before the operator asked for it`);
}
