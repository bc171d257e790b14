import { ByteReader, CorruptBytesError } from '../../codec/byte-reader.ts';
import { ValueReader } from '../../codec/value-codec.ts';
import { readerOf } from '../schema-version.ts';
import type { TableDescriptor } from '../state-table.ts';

/** Reads values as deltas and blocks hold them: the serializer's version, then plain data. */
export class StoredValueReader<V> {
  readonly #descriptor: Pick<TableDescriptor<V>, 'name' | 'serializer'>;
  #version = -1;
  #read: (plain: unknown) => V = (plain) => plain as V;

  constructor(descriptor: Pick<TableDescriptor<V>, 'name' | 'serializer'>) {
    this.#descriptor = descriptor;
  }

  read(bytes: Uint8Array): V {
    const reader = new ByteReader(bytes);
    const version = reader.varint();
    if (version !== this.#version) {
      this.#read = readerOf(this.#descriptor, version);
      this.#version = version;
    }
    const plain = new ValueReader(reader).read();
    if (reader.left > 0)
      throw new CorruptBytesError(`${reader.left} bytes follow a value of "${this.#descriptor.name}"`);
    return this.#read(plain);
  }
}
