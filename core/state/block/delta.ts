import { constants, zstdCompressSync, zstdDecompressSync } from 'node:zlib';
import { ByteReader, CorruptBytesError } from '../../codec/byte-reader.ts';
import { ByteWriter } from '../../codec/byte-writer.ts';
import { ValueWriter } from '../../codec/value-codec.ts';
import { SPACE_KINDS, type Space } from './space.ts';

/**
 * What one commit changed, as bytes: a part for each space that changed, then all values.
 *
 *     format · [raw length · zstd of] ( length of parts · parts · values )
 *
 * 1. Equal changes made in one order give equal bytes.
 * 2. A value is its serializer's version and the value codec's bytes, and can be read by itself: what is applied is not
 *    decoded before it is looked up.
 * 3. Decoding takes no more than {@link MAX_DELTA_BYTES}, whatever the bytes say.
 */
const FORMAT = { plain: 1, zstd: 2 } as const;
/** Below so many bytes zstd saves less than a write unit costs. */
const COMPRESS_FROM = 512;
/** What a batch of 6 MB changes stays far below this. */
export const MAX_DELTA_BYTES = 256 * 1024 * 1024;
/** Where the parts end; a part begins with one more than its kind. */
const END = 0;
const LEVEL = { params: { [constants.ZSTD_c_compressionLevel]: 1 } };

export class DeltaWriter {
  readonly parts = new ByteWriter();
  readonly values = new ByteWriter(1024);
  readonly #value = new ValueWriter(this.values);

  begin({ kind, uid, name }: Space): void {
    this.parts.byte(SPACE_KINDS.indexOf(kind) + 1);
    this.parts.text(uid);
    this.parts.text(name);
  }

  value(version: number, plain: unknown): void {
    this.values.varint(version);
    this.#value.forgetNames();
    this.#value.write(plain);
  }

  /** The delta, and its values alone, for those who keep pieces of them. Empty where nothing was begun. */
  finish(): { readonly delta: Uint8Array; readonly values: Uint8Array } {
    if (this.parts.length === 0) return { delta: new Uint8Array(), values: new Uint8Array() };
    this.parts.byte(END);
    const head = new ByteWriter(16);
    head.varint(this.parts.length);
    const start = head.length + this.parts.length;
    const body = new Uint8Array(start + this.values.length);
    head.copyTo(body, 0);
    this.parts.copyTo(body, head.length);
    this.values.copyTo(body, start);
    return { delta: packed(body), values: body.subarray(start) };
  }
}

function packed(body: Uint8Array): Uint8Array {
  const head = new ByteWriter(16);
  const isSmall = body.length < COMPRESS_FROM;
  head.byte(isSmall ? FORMAT.plain : FORMAT.zstd);
  if (!isSmall) head.varint(body.length);
  return joined(head, isSmall ? body : zstdCompressSync(body, LEVEL));
}

/** What was written, and bytes behind it. */
export function joined(head: ByteWriter, bytes: Uint8Array): Uint8Array {
  const whole = new Uint8Array(head.length + bytes.length);
  head.copyTo(whole, 0);
  whole.set(bytes, head.length);
  return whole;
}

export class DeltaReader {
  readonly parts: ByteReader;
  readonly #values: Uint8Array;
  #place = 0;

  /** @throws CorruptBytesError where nobody wrote these bytes */
  constructor(delta: Uint8Array) {
    const body = unpacked(delta);
    const head = new ByteReader(body);
    this.parts = new ByteReader(head.bytes());
    this.#values = body.subarray(head.place);
  }

  /** The space of the next part; undefined at the end. */
  next(): Space | undefined {
    const kind = this.parts.byte();
    if (kind === END) {
      if (this.parts.left > 0 || this.#place < this.#values.length) {
        throw new CorruptBytesError('bytes follow the last part of a delta');
      }
      return undefined;
    }
    const known = SPACE_KINDS[kind - 1];
    if (known === undefined) throw new CorruptBytesError(`${kind} is no kind of state`);
    return { kind: known, uid: this.parts.text(), name: this.parts.text() };
  }

  /** The next value, as it was written: a view. */
  value(length: number): Uint8Array {
    const end = this.#place + length;
    if (end > this.#values.length) throw new CorruptBytesError(`a value of ${length} bytes is cut short`);
    const value = this.#values.subarray(this.#place, end);
    this.#place = end;
    return value;
  }
}

function unpacked(delta: Uint8Array): Uint8Array {
  const head = new ByteReader(delta);
  const format = head.byte();
  if (format === FORMAT.plain) return bare(delta).subarray(1);
  if (format !== FORMAT.zstd)
    throw new CorruptBytesError(`a delta has format ${format}, and this version knows 1 and 2`);
  const length = head.varint();
  if (length > MAX_DELTA_BYTES)
    throw new CorruptBytesError(`a delta claims ${length} bytes, more than ${MAX_DELTA_BYTES}`);
  return inflated(delta.subarray(head.place), length);
}

/** @throws CorruptBytesError where they are not `length` bytes compressed by zstd */
export function inflated(bytes: Uint8Array, length: number): Uint8Array {
  let raw: Uint8Array;
  try {
    // One chunk with room to spare, so that what comes out is not put together of pieces.
    raw = zstdDecompressSync(bytes, { maxOutputLength: Math.max(1, length), chunkSize: Math.max(64, length + 1) });
  } catch (error) {
    throw new CorruptBytesError(`the bytes are no whole zstd frame: ${error instanceof Error ? error.message : error}`);
  }
  if (raw.length !== length) throw new CorruptBytesError(`${raw.length} bytes came out, and ${length} were said`);
  return bare(raw);
}

/** Without the class Buffer, whose `slice` makes no copy. */
function bare({ buffer, byteOffset, length }: Uint8Array): Uint8Array {
  return new Uint8Array(buffer, byteOffset, length);
}
