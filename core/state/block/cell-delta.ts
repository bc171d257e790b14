import { CorruptBytesError } from '../../codec/byte-reader.ts';
import type { StateKey } from '../../codec/key.ts';
import type { Namespace } from '../state-table.ts';
import type { DeltaReader, DeltaWriter } from './delta.ts';
import { GONE, type LiveCell } from './live-cell.ts';

/** How a cell of a delta begins. `cell` is always set, since 0 ends them; `new`: the commit before does not have it. */
export const CELL_FLAG = { cell: 1, removed: 2, otherNamespace: 4, new: 8 } as const;

export function flagsOf({ form, isStored }: LiveCell<unknown>): number {
  return CELL_FLAG.cell | (form === GONE ? CELL_FLAG.removed : 0) | (isStored ? 0 : CELL_FLAG.new);
}

/** Nothing of a cell is written that came and went since the last commit, or was dropped with its namespace. */
export function saysNothing(cell: LiveCell<unknown>): boolean {
  return cell.isReplaced || cell.bucket.isDropped || (cell.form === GONE && !cell.isStored);
}

/** Zigzag, so that a small step back is small too. */
export function writeDifference(out: DeltaWriter, difference: number): void {
  out.parts.varint(difference < 0 ? -2 * difference - 1 : 2 * difference);
}

export function readDifference(from: DeltaReader): number {
  const folded = from.parts.varint();
  return folded % 2 === 0 ? folded / 2 : -(folded + 1) / 2;
}

/** @throws CorruptBytesError where it is none */
export function namespaceOf(atom: StateKey): Namespace {
  if (typeof atom === 'boolean') throw new CorruptBytesError('a namespace is no boolean');
  return atom;
}
