/** The bytes are not what their writer wrote: cut short, or damaged. */
export class CorruptBytesError extends Error {
  override readonly name = 'CorruptBytesError';
}

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** Reads what {@link ByteWriter} wrote. Whatever the bytes are, it ends: with values or with a {@link CorruptBytesError}. */
export class ByteReader {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  #place = 0;

  constructor(bytes: Uint8Array) {
    // Never a Buffer: its slice() is a view where that of Uint8Array is a copy.
    this.#bytes = new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.length);
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  get place(): number {
    return this.#place;
  }

  get left(): number {
    return this.#bytes.length - this.#place;
  }

  byte(): number {
    this.#need(1);
    return this.#bytes[this.#place++] as number;
  }

  varint(): number {
    let value = 0;
    for (let scale = 1; ; scale *= 0x80) {
      const byte = this.byte();
      value += (byte & 0x7f) * scale;
      if (value > Number.MAX_SAFE_INTEGER) throw new CorruptBytesError(`a number at byte ${this.#place} is too large`);
      if (byte < 0x80) return value;
    }
  }

  float64(): number {
    this.#need(8);
    this.#place += 8;
    return this.#view.getFloat64(this.#place - 8, true);
  }

  text(): string {
    const bytes = this.bytes();
    try {
      return utf8.decode(bytes);
    } catch {
      throw new CorruptBytesError(`the text before byte ${this.#place} is not UTF-8`);
    }
  }

  /** A view, not a copy, of as many bytes as the varint before them says. */
  bytes(): Uint8Array {
    return this.fixed(this.varint());
  }

  /** A view, not a copy, of so many bytes. */
  fixed(length: number): Uint8Array {
    this.#need(length);
    this.#place += length;
    return this.#bytes.subarray(this.#place - length, this.#place);
  }

  #need(count: number): void {
    if (count > this.left) {
      throw new CorruptBytesError(`${count} bytes are wanted at byte ${this.#place}, and ${this.left} are left`);
    }
  }
}
