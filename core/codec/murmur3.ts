/**
 * MurmurHash3, x86, 32 bits, seed 0 (Austin Appleby, public domain; SMHasher's MurmurHash3_x86_32).
 *
 * @param bytes the data; only the first `length` bytes count
 * @returns an unsigned 32-bit integer
 */
export function murmur3(bytes: Uint8Array, length: number = bytes.length): number {
  let hash = 0;
  const blocks = length & ~3;
  for (let i = 0; i < blocks; i += 4) {
    hash ^= scramble(
      byte(bytes, i) | (byte(bytes, i + 1) << 8) | (byte(bytes, i + 2) << 16) | (byte(bytes, i + 3) << 24),
    );
    hash = (hash << 13) | (hash >>> 19);
    hash = (Math.imul(hash, 5) + 0xe6546b64) | 0;
  }
  let tail = 0;
  for (let i = length - 1; i >= blocks; i--) tail = (tail << 8) | byte(bytes, i);
  hash ^= scramble(tail) ^ length;
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}

function byte(bytes: Uint8Array, at: number): number {
  return bytes[at] as number;
}

function scramble(block: number): number {
  const mixed = Math.imul(block, 0xcc9e2d51);
  return Math.imul((mixed << 15) | (mixed >>> 17), 0x1b873593);
}
