/**
 * Bloom filters (Bloom, "Space/time trade-offs in hash coding with allowable errors", CACM 1970), probed by two hashes made
 * of one (Kirsch and Mitzenmacher, "Less hashing, same performance", 2006): of keys that are absent about one in a hundred
 * passes.
 */
const BITS_PER_KEY = 10;
const PROBES = 7;

export function filterOf(hashes: readonly number[]): Uint8Array {
  const filter = new Uint8Array(Math.max(8, Math.ceil((hashes.length * BITS_PER_KEY) / 8)));
  const bits = filter.length * 8;
  for (const hash of hashes) {
    for (let probe = 0; probe < PROBES; probe++) {
      const bit = bitOf(hash, probe, bits);
      filter[bit >>> 3] = (filter[bit >>> 3] as number) | (1 << (bit & 7));
    }
  }
  return filter;
}

/** False: the key was surely not among those of the filter. */
export function mayHold(filter: Uint8Array, hash: number): boolean {
  const bits = filter.length * 8;
  for (let probe = 0; probe < PROBES; probe++) {
    const bit = bitOf(hash, probe, bits);
    if (((filter[bit >>> 3] as number) & (1 << (bit & 7))) === 0) return false;
  }
  return true;
}

function bitOf(hash: number, probe: number, bits: number): number {
  const step = (Math.imul(hash ^ (hash >>> 15), 0x9e3779b1) | 1) >>> 0;
  return ((hash + Math.imul(probe, step)) >>> 0) % bits;
}
