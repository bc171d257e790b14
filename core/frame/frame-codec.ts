import { constants, crc32, zstdCompressSync, zstdDecompressSync } from 'node:zlib';
import { ByteReader } from '../codec/byte-reader.ts';
import { ByteWriter } from '../codec/byte-writer.ts';
import { PoisonRecordError, reasonOf } from '../error/error.ts';
import { ColumnReader } from './column-reader.ts';
import { ColumnWriter } from './column-writer.ts';
import {
  type FrameHeader,
  type FrameRecords,
  MAX_BODY_BYTES,
  MAX_BODY_VALUES,
  MAX_FRAME_BYTES,
  MAX_FRAME_RECORDS,
  MAX_HEADER_BYTES,
} from './frame.ts';
import { readHeader, writeHeader } from './frame-header.ts';
import { RowMaker } from './row-maker.ts';

/**
 * Frames as bytes:
 *
 *     magic (3) version (1) | length of the header (4) | header | record count, body's form, length and checksum |
 *     checksum of all before (4) | body
 *
 * The header stands in the clear with a checksum of its own, so that it counts even where the body is damaged. The body
 * is three columns (key groups, timestamps, values; see column.ts), compressed with zstd where that makes it smaller.
 *
 * 1. What was encoded is decoded to equal records, in their order.
 * 2. Whatever the bytes are, decoding ends, with the frame or a {@link PoisonRecordError}; it holds at most
 *    {@link MAX_BODY_BYTES} uncompressed and makes at most about {@link MAX_BODY_VALUES} values.
 * 3. What cannot be decoded within these limits is never written.
 */
const MAGIC = Uint8Array.of(0xb7, 0x4d, 0x52);
const FORMAT_VERSION = 1;
const PREFIX_BYTES = 8;
const CHECKSUM_BYTES = 4;

const FORM = { plain: 0, zstd: 1 } as const;

/** Bodies shorter than this are not compressed: the call costs more than the bytes. */
const COMPRESS_FROM = 256;

/** Level 1: 3 takes 1.5 times as long for frames that are 4 % smaller. */
const ZSTD_LEVEL = 1;

const rows = new RowMaker();

/** The records do not fit one frame; they fit two or more. */
export type TooLarge = { readonly kind: 'too-large'; readonly pieces: number };

/** A body as it travels, made once and put under any header. */
export type EncodedBody = {
  readonly kind: 'body';
  readonly count: number;
  readonly form: number;
  readonly rawLength: number;
  readonly bytes: Uint8Array;
};

/** What is known of a frame before its body is decoded. */
export type FrameView = {
  readonly header: FrameHeader;
  /** Records of the body, as the header says. */
  readonly count: number;
  /** @throws PoisonRecordError where the body is damaged or larger than allowed */
  records(): FrameRecords;
};

/** True for bytes that begin as a frame does. */
export function isFrame(bytes: Uint8Array): boolean {
  return bytes.length >= PREFIX_BYTES && MAGIC.every((byte, place) => bytes[place] === byte);
}

/**
 * @throws TypeError where a value is no plain data
 */
export function encodeBody(records: FrameRecords): EncodedBody | TooLarge {
  const count = records.values.length;
  if (count > MAX_FRAME_RECORDS) return tooLarge(count / MAX_FRAME_RECORDS);
  const out = new ByteWriter(65_536);
  const columns = new ColumnWriter(out);
  columns.column(records.groups);
  columns.column(records.timestamps);
  columns.column(records.values);
  if (out.length > MAX_BODY_BYTES) return tooLarge(out.length / MAX_BODY_BYTES);
  if (columns.weight > MAX_BODY_VALUES) return tooLarge(columns.weight / MAX_BODY_VALUES);
  const raw = out.view();
  const packed = raw.length < COMPRESS_FROM ? undefined : compress(raw);
  const smaller = packed !== undefined && packed.length < raw.length;
  const bytes = smaller ? packed : raw.slice();
  const room = MAX_FRAME_BYTES - MAX_HEADER_BYTES;
  if (bytes.length > room) return tooLarge(bytes.length / room);
  return { kind: 'body', count, form: smaller ? FORM.zstd : FORM.plain, rawLength: raw.length, bytes };
}

function tooLarge(times: number): TooLarge {
  return { kind: 'too-large', pieces: Math.max(2, Math.ceil(times * 1.1)) };
}

function compress(raw: Uint8Array): Uint8Array {
  return zstdCompressSync(raw, { params: { [constants.ZSTD_c_compressionLevel]: ZSTD_LEVEL } });
}

/** @throws RangeError where the names in the header are absurdly long */
export function encodeFrame(header: FrameHeader, body: EncodedBody): Uint8Array {
  const out = new ByteWriter(512);
  writeHeader(out, header);
  out.varint(body.count);
  out.byte(body.form);
  out.varint(body.rawLength);
  out.varint(crc32(body.bytes));
  if (out.length > MAX_HEADER_BYTES - PREFIX_BYTES - CHECKSUM_BYTES) {
    throw new RangeError(`the header of a frame has ${out.length} bytes, more than ${MAX_HEADER_BYTES}`);
  }
  const start = PREFIX_BYTES + out.length + CHECKSUM_BYTES;
  const frame = new Uint8Array(start + body.bytes.length);
  frame.set(MAGIC);
  frame[MAGIC.length] = FORMAT_VERSION;
  frame.set(out.view(), PREFIX_BYTES);
  const view = new DataView(frame.buffer);
  view.setUint32(4, out.length, true);
  view.setUint32(start - CHECKSUM_BYTES, crc32(frame.subarray(0, start - CHECKSUM_BYTES)), true);
  frame.set(body.bytes, start);
  return frame;
}

/**
 * The header of a frame, and its body on demand.
 *
 * @throws PoisonRecordError where the bytes are no frame, or its header is damaged
 */
export function decodeFrame(bytes: Uint8Array): FrameView {
  try {
    return viewOf(bytes);
  } catch (error) {
    throw new PoisonRecordError(`this is no frame that can be read: ${reasonOf(error)}`, { cause: error });
  }
}

function viewOf(bytes: Uint8Array): FrameView {
  if (!isFrame(bytes)) throw new Error('it does not begin as one');
  const version = bytes[MAGIC.length];
  if (version !== FORMAT_VERSION) {
    throw new Error(
      `its format is ${version} and this version of Millrace reads ${FORMAT_VERSION}; deploy the newer one`,
    );
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const end = PREFIX_BYTES + view.getUint32(4, true);
  if (end + CHECKSUM_BYTES > Math.min(bytes.length, MAX_HEADER_BYTES)) throw new Error('its header is cut short');
  if (crc32(bytes.subarray(0, end)) !== view.getUint32(end, true))
    throw new Error('the checksum of its header is wrong');
  const reader = new ByteReader(bytes.subarray(PREFIX_BYTES, end));
  const header = readHeader(reader);
  const body = {
    kind: 'body',
    count: reader.varint(),
    form: reader.byte(),
    rawLength: reader.varint(),
    checksum: reader.varint(),
    bytes: bytes.subarray(end + CHECKSUM_BYTES),
  } as const;
  return { header, count: body.count, records: () => recordsOf(header, body) };
}

function recordsOf(header: FrameHeader, body: EncodedBody & { readonly checksum: number }): FrameRecords {
  try {
    return decodeBody(body);
  } catch (error) {
    const which = `frame (${header.producer}, ${header.n}, ${header.chunk})`;
    throw new PoisonRecordError(`the body of ${which} cannot be read: ${reasonOf(error)}`, { cause: error });
  }
}

function decodeBody(body: EncodedBody & { readonly checksum: number }): FrameRecords {
  const { count, form, rawLength, checksum, bytes } = body;
  if (count > MAX_FRAME_RECORDS) throw new Error(`it claims ${count} records, more than ${MAX_FRAME_RECORDS}`);
  if (rawLength > MAX_BODY_BYTES) throw new Error(`it claims ${rawLength} bytes, more than ${MAX_BODY_BYTES}`);
  if (crc32(bytes) !== checksum) throw new Error('its checksum is wrong');
  const raw = form === FORM.zstd ? zstdDecompressSync(bytes, { maxOutputLength: Math.max(1, rawLength) }) : bytes;
  if (form > FORM.zstd || raw.length !== rawLength) throw new Error('it is not what its header says');
  const reader = new ByteReader(raw);
  const columns = new ColumnReader(reader, rows, MAX_BODY_VALUES);
  const groups = columns.numbers(count);
  const timestamps = columns.numbers(count);
  const values = columns.column(count);
  if (reader.left > 0) throw new Error(`${reader.left} bytes follow its records`);
  return { values, timestamps, groups };
}
