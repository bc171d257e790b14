import { ByteReader, CorruptBytesError } from '../../codec/byte-reader.ts';
import { ByteWriter } from '../../codec/byte-writer.ts';
import { ValueReader, ValueWriter } from '../../codec/value-codec.ts';
import { InvariantError } from '../../error/error.ts';
import type { ListDistribution, ListSnapshot, OperatorListState } from '../state-backend.ts';
import type { TableDescriptor } from '../state-table.ts';
import type { SpaceSizes } from './base.ts';
import type { DeltaReader, DeltaWriter } from './delta.ts';
import type { FreshEntries } from './fresh.ts';
import type { Space } from './space.ts';
import { StoredValueReader } from './stored-value.ts';

const DISTRIBUTIONS: readonly ListDistribution[] = ['split', 'union', 'broadcast'];

/** A task among those that share lists out; `isOwn`: the base is its own, so that its lists are where it looks for them. */
type Share = { readonly index: number; readonly parallelism: number; readonly isOwn: boolean };

/** An operator list of a task. It is written whole when it changed; the last commit's is kept as bytes. */
export class TaskList<T> implements OperatorListState<T> {
  readonly space: Space;
  readonly hasText = false;
  #descriptor: TableDescriptor<T> | undefined;
  distribution: ListDistribution = 'split';
  /** Undefined until it is looked at, or after a discard. */
  #items: T[] | undefined;
  #isDirty = false;
  /** Changed by a row since the base. */
  #isRecent = false;
  #place: readonly [start: number, end: number] = [0, 0];
  /** As of the last commit: one value, an array; none where the list was never written. */
  bytes: Uint8Array | undefined;

  constructor(space: Space) {
    this.space = space;
  }

  describe(descriptor: TableDescriptor<T>, distribution: ListDistribution): void {
    this.#descriptor = descriptor;
    this.distribution = distribution;
    this.#items = undefined;
  }

  get(): readonly T[] {
    return this.#held();
  }

  add(item: T): void {
    this.#held().push(item);
    this.#isDirty = true;
  }

  update(items: readonly T[]): void {
    this.#items = [...items];
    this.#isDirty = true;
  }

  /** As plain data. */
  snapshot(): ListSnapshot {
    const { serializer } = this.#descriptor ?? {};
    const held = this.#held();
    const items = serializer === undefined ? held : held.map((item) => serializer.serialize(item));
    return { name: this.space.name, version: serializer?.version ?? 1, distribution: this.distribution, items };
  }

  writeDelta(out: DeltaWriter): void {
    if (!this.#isDirty) return;
    const { serializer } = this.#descriptor ?? {};
    const start = out.values.length;
    out.begin(this.space);
    out.parts.byte(DISTRIBUTIONS.indexOf(this.distribution));
    const items = this.#held();
    out.value(
      serializer?.version ?? 1,
      serializer === undefined ? items : items.map((item) => serializer.serialize(item)),
    );
    out.parts.varint(out.values.length - start);
    this.#place = [start, out.values.length];
  }

  /** What the list has in a base: how it is shared out, and its value. */
  writeFresh(out: FreshEntries): void {
    if (!this.#isRecent || this.bytes === undefined) return;
    const value = new Uint8Array(1 + this.bytes.length);
    value[0] = DISTRIBUTIONS.indexOf(this.distribution);
    value.set(this.bytes, 1);
    out.list(value);
  }

  sizes(): SpaceSizes['sizes'] {
    return this.bytes === undefined ? [] : [['', 1]];
  }

  adopt(): void {
    this.#isRecent = false;
  }

  /** Begins with what its task, or the parents of that, had; shared out where there are several. */
  open(values: readonly Uint8Array[], share: Share): void {
    if (values.length === 0) return;
    this.distribution = distributionAt(values[0]?.[0]);
    const isOne = values.length === 1 && (share.parallelism === 1 || this.distribution !== 'split');
    this.bytes = isOne ? values[0]?.slice(1) : shared(values, this.distribution, share);
    this.#isRecent = !share.isOwn;
  }

  applyDelta(from: DeltaReader): void {
    this.distribution = distributionAt(from.parts.byte());
    this.#isRecent = true;
    this.bytes = from.value(from.parts.varint()).slice();
    this.#items = undefined;
  }

  committed(values: Uint8Array): void {
    if (this.#isDirty) {
      this.bytes = values.slice(...this.#place);
      this.#isRecent = true;
    }
    this.#isDirty = false;
  }

  discard(): void {
    if (this.#isDirty) this.#items = undefined;
    this.#isDirty = false;
  }

  #held(): T[] {
    this.#items ??= this.#read();
    return this.#items;
  }

  #read(): T[] {
    if (this.bytes === undefined || this.#descriptor === undefined) return [];
    const { name, serializer } = this.#descriptor;
    return new StoredValueReader<T[]>({
      name,
      serializer: {
        version: serializer?.version ?? 1,
        serialize: (items) => items,
        deserialize: (plain, version) =>
          (plain as unknown[]).map((item) =>
            serializer === undefined ? (item as T) : serializer.deserialize(item, version),
          ),
      },
    }).read(this.bytes);
  }
}

function distributionAt(place: number | undefined): ListDistribution {
  const distribution = DISTRIBUTIONS[place ?? -1];
  if (distribution === undefined) throw new CorruptBytesError('a list has an unknown distribution');
  return distribution;
}

/**
 * The lists of several tasks as one value, all items that `split` leaves to this task, or all.
 *
 * @throws InvariantError where they were written with different schema versions
 */
function shared(
  values: readonly Uint8Array[],
  distribution: ListDistribution,
  { index, parallelism }: Share,
): Uint8Array {
  const lists = values.map((value) => {
    const from = new ByteReader(value.subarray(1));
    return { version: from.varint(), items: new ValueReader(from).read() as unknown[] };
  });
  const version = lists[0]?.version ?? 1;
  if (lists.some((list) => list.version !== version)) {
    throw new InvariantError('the lists of two parents have different schema versions; let both commit once before');
  }
  const all = distribution === 'broadcast' ? (lists[0]?.items ?? []) : lists.flatMap(({ items }) => items);
  const items = distribution === 'split' ? all.filter((_, place) => place % parallelism === index) : all;
  const out = new ByteWriter();
  out.varint(version);
  new ValueWriter(out).write(items);
  return out.take();
}
