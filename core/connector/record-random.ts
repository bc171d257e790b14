import type { Random } from '../port/random.ts';

/**
 * Random numbers that depend on a seed and the number of a record alone, so that a generator can be opened at any record
 * and be divided among any number of subtasks. The steps are those of `seededRandom`.
 */
export class RecordRandom implements Random {
  readonly #seed: number;
  #state = 0;

  constructor(seed: number) {
    this.#seed = mix((seed >>> 0) + 0x9e3779b9);
  }

  /** Begins the numbers of record `index`, a safe integer. */
  startRecord(index: number): void {
    const low = index >>> 0;
    const high = Math.floor(index / 4_294_967_296) >>> 0;
    this.#state = mix(mix(low ^ this.#seed) + Math.imul(high, 0x85ebca6b));
  }

  next(): number {
    return this.uint32() / 4_294_967_296;
  }

  /** Uniform in [0, 2^32). */
  uint32(): number {
    this.#state = (this.#state + 0x9e3779b9) >>> 0;
    return mix(this.#state);
  }

  /** An integer in [0, below), `below` up to 2^53. */
  below(below: number): number {
    if (below <= 4_294_967_296) return Math.floor(this.next() * below);
    const wide = (this.uint32() * 2_097_152 + (this.uint32() >>> 11)) / 9_007_199_254_740_992;
    return Math.min(below - 1, Math.floor(wide * below));
  }
}

function mix(value: number): number {
  let mixed = value ^ (value >>> 16);
  mixed = Math.imul(mixed, 0x21f0aaad);
  mixed ^= mixed >>> 15;
  mixed = Math.imul(mixed, 0x735a2d97);
  mixed ^= mixed >>> 15;
  return mixed >>> 0;
}
