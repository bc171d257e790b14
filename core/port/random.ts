/** Randomness as core sees it. Law: uniform in [0, 1). */
export interface Random {
  next(): number;
}

/**
 * A generator that gives the same numbers for the same seed (Steele, Lea and Flood, "Fast splittable pseudorandom
 * number generators", OOPSLA 2014, reduced to 32 bits).
 *
 * @example
 * seededRandom(7).next() === seededRandom(7).next(); // true
 */
export function seededRandom(seed: number): Random {
  let state = seed >>> 0;
  return {
    next() {
      state = (state + 0x9e3779b9) >>> 0;
      let mixed = state ^ (state >>> 16);
      mixed = Math.imul(mixed, 0x21f0aaad);
      mixed ^= mixed >>> 15;
      mixed = Math.imul(mixed, 0x735a2d97);
      mixed ^= mixed >>> 15;
      return (mixed >>> 0) / 4_294_967_296;
    },
  };
}
