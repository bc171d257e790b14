import { CorruptBytesError } from '../../codec/byte-reader.ts';
import type { ListDistribution, OperatorListState } from '../state-backend.ts';
import type { TableDescriptor } from '../state-table.ts';
import type { DeltaReader, DeltaWriter } from './delta.ts';
import type { Space } from './space.ts';
import { StoredValueReader } from './stored-value.ts';

const DISTRIBUTIONS: readonly ListDistribution[] = ['split', 'union', 'broadcast'];

/** An operator list of a task. It is written whole when it changed; the last commit's is kept as bytes. */
export class TaskList<T> implements OperatorListState<T> {
  readonly space: Space;
  #descriptor: TableDescriptor<T> | undefined;
  distribution: ListDistribution = 'split';
  /** Undefined until it is looked at, or after a discard. */
  #items: T[] | undefined;
  #isDirty = false;
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

  /** As of the last commit. */
  writeAll(out: DeltaWriter): void {
    if (this.bytes === undefined) return;
    out.begin(this.space);
    out.parts.byte(DISTRIBUTIONS.indexOf(this.distribution));
    out.values.bytes(this.bytes);
    out.parts.varint(this.bytes.length);
  }

  applyDelta(from: DeltaReader): void {
    const distribution = DISTRIBUTIONS[from.parts.byte()];
    if (distribution === undefined) throw new CorruptBytesError('a list has an unknown distribution');
    this.distribution = distribution;
    this.bytes = from.value(from.parts.varint()).slice();
    this.#items = undefined;
  }

  committed(values: Uint8Array): void {
    if (this.#isDirty) this.bytes = values.slice(...this.#place);
    this.#isDirty = false;
  }

  discard(): void {
    if (this.#isDirty) this.#items = undefined;
    this.#isDirty = false;
  }

  #place: readonly [start: number, end: number] = [0, 0];

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
