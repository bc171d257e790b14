import type { RecordRandom } from '../record-random.ts';

/** Texts of the Nexmark generator (its StringsGenerator). */

const MIN_LENGTH = 3;
/** Three digits of base 26 at a time, so that filling is two look-ups for six characters. */
const TRIPLES = 26 ** 3;
const TRIPLE_TEXTS = tripleTexts();

/** Text of `MIN_LENGTH` up to `maxLength` letters, excluded, of which one in 13 is `special`; without blanks around it. */
export function nextText(random: RecordRandom, maxLength: number, special = ' '): string {
  let text = '';
  for (let left = MIN_LENGTH + random.below(maxLength - MIN_LENGTH); left > 0; left--) {
    text += random.below(13) === 0 ? special : String.fromCharCode(97 + random.below(26));
  }
  return text.trim();
}

/** Fills a record of `size` bytes up to a random size that is `averageSize` on average. */
export function nextExtra(random: RecordRandom, size: number, averageSize: number): string {
  if (size > averageSize) return '';
  const missing = averageSize - size;
  const delta = Math.round(missing * 0.2);
  return exactText(random, missing - delta + (delta === 0 ? 0 : random.below(2 * delta)));
}

/**
 * Six characters out of each random 32-bit integer. Half of the integers are negative, and then so are their digits: the
 * published generator has characters before `a` there, and so has this one.
 */
function exactText(random: RecordRandom, length: number): string {
  let text = '';
  while (text.length < length) {
    const integer = random.uint32() | 0;
    text += TRIPLE_TEXTS[(integer % TRIPLES) + TRIPLES] ?? '';
    text += TRIPLE_TEXTS[(Math.trunc(integer / TRIPLES) % TRIPLES) + TRIPLES] ?? '';
  }
  return text.slice(0, length);
}

function tripleTexts(): readonly string[] {
  const texts: string[] = new Array(2 * TRIPLES).fill('');
  for (let number = 1 - TRIPLES; number < TRIPLES; number++) {
    const second = Math.trunc(number / 26);
    const codes = [number % 26, second % 26, Math.trunc(second / 26) % 26].map((digit) => 97 + digit);
    texts[number + TRIPLES] = String.fromCharCode(...codes);
  }
  return texts;
}
