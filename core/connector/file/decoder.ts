import type { DecodeFault } from '../source.ts';

/**
 * A format of records that stand one after another in bytes. The bytes are cut into blocks of whole records and the
 * decoder takes a block apart at once, so that nothing of this is called per record.
 */
export interface BlockDecoder<T = unknown> {
  /**
   * Where in `bytes` (which begin with a record) the last whole record ends; 0 where none does. At the end of the input
   * what is left over is a record too.
   */
  lastEnd(bytes: Buffer): number;
  /** Takes the records of a block, which stay valid until the next block. */
  begin(block: Buffer): void;
  /** Adds to `values` up to `limit` records, and to `faults` what it cannot decode; false when the block is used up. */
  decode(limit: number, values: T[], faults: BlockFault[]): boolean;
  /** How far `decode` has come in the block. */
  taken(): Taken;
  /** Of CSV: the names of the columns, once they are known. They are part of a position behind the header. */
  columns?(): readonly string[] | undefined;
}

export type Taken = { readonly bytes: number; readonly lines: number };

/** A fault whose place is a line of the block, counted from 0. */
export type BlockFault = { readonly reason: string; readonly raw: string; readonly line: number };

/** Raw text of faults is cut to this, so that dead letters of a broken file stay readable. */
export const MAX_RAW_CHARACTERS = 16_384;

export function cutRaw(text: string): string {
  return text.length <= MAX_RAW_CHARACTERS ? text : `${text.slice(0, MAX_RAW_CHARACTERS)}…`;
}

/** `clicks.jsonl:17`; `line` counts from 0. */
export function faultAt(fault: BlockFault, name: string, firstLine: number): DecodeFault {
  return { reason: fault.reason, raw: fault.raw, place: `${name}:${firstLine + fault.line + 1}` };
}
