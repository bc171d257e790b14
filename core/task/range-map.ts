import type { KeyGroupRange } from '../frame/key-group-range.ts';

/** A value for the key groups of a range. */
export type Piece<V> = { readonly range: KeyGroupRange; readonly value: V };

/**
 * Values by key group, where neighbours mostly have the same one: pieces in order, none overlapping another.
 * It is never changed; what changes it gives a new one.
 */
export type RangeMap<V> = readonly Piece<V>[];

/** The pieces of a map within a range, cut to it. */
export function piecesIn<V>(map: RangeMap<V>, range: KeyGroupRange): RangeMap<V> {
  return map.flatMap((piece) => {
    const shared = intersectionOf(piece.range, range);
    return shared === undefined ? [] : [{ range: shared, value: piece.value }];
  });
}

/** The map with `value` for a range; neighbours that are equal become one piece. */
export function withPiece<V>(
  map: RangeMap<V>,
  { range, value }: Piece<V>,
  isEqual: (left: V, right: V) => boolean,
): RangeMap<V> {
  const before = map.filter((piece) => piece.range.first < range.first);
  const after = map.filter((piece) => piece.range.last > range.last);
  const pieces = [
    ...before.map((piece) => cut(piece, piece.range.first, Math.min(piece.range.last, range.first - 1))),
    { range, value },
    ...after.map((piece) => cut(piece, Math.max(piece.range.first, range.last + 1), piece.range.last)),
  ];
  return joined(pieces, isEqual);
}

/** What two ranges have in common; undefined for nothing. */
export function intersectionOf(left: KeyGroupRange, right: KeyGroupRange): KeyGroupRange | undefined {
  const first = Math.max(left.first, right.first);
  const last = Math.min(left.last, right.last);
  return first <= last ? { first, last } : undefined;
}

/** The parts of `ranges` that lie outside of `taken`. */
export function without(ranges: readonly KeyGroupRange[], taken: KeyGroupRange): readonly KeyGroupRange[] {
  return ranges.flatMap((range) =>
    [
      { first: range.first, last: Math.min(range.last, taken.first - 1) },
      { first: Math.max(range.first, taken.last + 1), last: range.last },
    ].filter(({ first, last }) => first <= last),
  );
}

function cut<V>({ value }: Piece<V>, first: number, last: number): Piece<V> {
  return { range: { first, last }, value };
}

function joined<V>(pieces: RangeMap<V>, isEqual: (left: V, right: V) => boolean): RangeMap<V> {
  const result: Piece<V>[] = [];
  for (const piece of pieces) {
    const last = result.at(-1);
    const joins = last !== undefined && last.range.last + 1 === piece.range.first && isEqual(last.value, piece.value);
    if (joins) result[result.length - 1] = cut(last, last.range.first, piece.range.last);
    else result.push(piece);
  }
  return result;
}
