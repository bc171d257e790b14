import { type BlockCache, type Need, partOf, weightOf } from './block-cache.ts';
import type { Needs } from './run-stack.ts';
import type { Steps } from './steps.ts';

/** Pieces of an object that lie so close are read in one request: the gap costs less than a request. */
const MAX_GAP = 64 * 1024;
/** One request reads no more. */
const MAX_READ = 8 * 1024 * 1024;

type Piece = { readonly need: Need; readonly name: string; readonly start: number; readonly end: number };

/** Loads what is needed, all at once: the first of the needs, up to so many bytes in memory, and one at least. */
export function* loadNeeds(needs: Needs, cache: BlockCache, maxBytes: number): Steps<void> {
  const groups = grouped(firstOf(needs, maxBytes));
  const reads = groups.map((pieces) => {
    const [first, last] = [pieces[0] as Piece, pieces[pieces.length - 1] as Piece];
    return { name: first.name, part: { start: first.start, length: last.end - first.start } };
  });
  const stored = yield { kind: 'read', reads };
  for (const [place, pieces] of groups.entries()) {
    const bytes = stored[place] ?? new Uint8Array();
    const origin = (pieces[0] as Piece).start;
    for (const { need, start, end } of pieces) cache.put(need, bytes.subarray(start - origin, end - origin));
  }
}

/** In order and each once. */
function firstOf(needs: Needs, maxBytes: number): readonly Piece[] {
  const pieces = new Map<string, Piece>();
  let bytes = 0;
  for (const need of needs) {
    const name = need.segment.at.kind === 'object' ? need.segment.at.name : '';
    const { start, length } = partOf(need.segment, need.handle);
    const id = `${name}@${start}`;
    if (pieces.has(id)) continue;
    bytes += weightOf(need);
    if (bytes > maxBytes && pieces.size > 0) break;
    pieces.set(id, { need, name, start, end: start + length });
  }
  return [...pieces.values()].sort((left, right) =>
    left.name === right.name ? left.start - right.start : left.name < right.name ? -1 : 1,
  );
}

function grouped(pieces: readonly Piece[]): readonly (readonly Piece[])[] {
  const groups: Piece[][] = [];
  for (const piece of pieces) {
    const group = groups[groups.length - 1];
    const [first, last] = [group?.[0], group?.[group.length - 1]];
    const isNear =
      first?.name === piece.name && piece.start - (last?.end ?? 0) <= MAX_GAP && piece.end - first.start <= MAX_READ;
    if (isNear) group?.push(piece);
    else groups.push([piece]);
  }
  return groups;
}
