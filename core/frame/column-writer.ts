import type { ByteWriter } from '../codec/byte-writer.ts';
import { ValueWriter } from '../codec/value-codec.ts';
import { type Classes, classify } from './classify.ts';
import { COLUMN, MAX_COLUMN_DEPTH, TEXT } from './column.ts';

/** Below this many values a look for repeated texts costs more than it saves. */
const DICTIONARY_FROM = 8;

/** Writes columns; see {@link COLUMN}. Counts the values as the reader will, so that the limit is the same for both. */
export class ColumnWriter {
  readonly #out: ByteWriter;
  readonly #path: string[] = [];
  #weight = 0;

  constructor(out: ByteWriter) {
    this.#out = out;
  }

  /** Values written so far, fields and items counted; of those written one by one, the bytes as well. */
  get weight(): number {
    return this.#weight;
  }

  /** @throws TypeError naming the path of what is no plain data */
  column(values: readonly unknown[], depth = 0): void {
    this.#weight += values.length;
    if (values.length === 0) return;
    if (depth > MAX_COLUMN_DEPTH) this.#oneByOne(values);
    else this.#classes(values, classify(values), depth);
  }

  numbers(values: readonly number[]): void {
    const first = values[0];
    let least = Number.POSITIVE_INFINITY;
    let most = Number.NEGATIVE_INFINITY;
    let whole = true;
    for (const value of values) {
      if (value < least) least = value;
      if (value > most) most = value;
      // Neither NaN nor infinite nor a fraction nor -0.
      whole &&= Number.isSafeInteger(value) && (value !== 0 || 1 / value > 0);
    }
    if (whole && least === most) this.#constant(first);
    else if (whole && most - least < 2 ** 32) this.#integers(values, least, most);
    else this.#floats(COLUMN.floats, values);
  }

  #classes(values: readonly unknown[], classes: Classes, depth: number): void {
    const [only] = classes.kinds;
    if (classes.kinds.length > 1) this.#union(values, classes, depth);
    else if (only === undefined) this.#oneByOne(values);
    else this.#uniform(values, only, depth);
  }

  #uniform(values: readonly unknown[], kind: Classes['kinds'][number], depth: number): void {
    switch (kind) {
      case 'nothing':
        this.#constant(values[0]);
        return;
      case 'boolean':
        this.#booleans(values as readonly boolean[]);
        return;
      case 'number':
        this.numbers(values as readonly number[]);
        return;
      case 'text':
        this.#texts(values as readonly string[]);
        return;
      case 'date':
        this.#floats(
          COLUMN.dates,
          values.map((value) => (value as Date).getTime()),
        );
        return;
      case 'array':
        this.#arrays(values as readonly (readonly unknown[])[], depth);
        return;
      case 'other':
        this.#oneByOne(values);
        return;
      default:
        this.#objects(values as readonly Readonly<Record<string, unknown>>[], kind, depth);
    }
  }

  #constant(value: unknown): void {
    this.#out.byte(COLUMN.constant);
    new ValueWriter(this.#out).write(value);
  }

  #integers(values: readonly number[], least: number, most: number): void {
    this.#out.byte(COLUMN.integers);
    this.#out.float64(least);
    this.#offsets(values, least, most);
  }

  /** The width in bytes, then each value's distance from `least`. */
  #offsets(values: readonly number[], least: number, most: number): void {
    const span = most - least;
    const width = span < 0x100 ? 1 : span < 0x1_0000 ? 2 : 4;
    this.#out.byte(width);
    const bytes = new Uint8Array(values.length * width);
    const view = new DataView(bytes.buffer);
    for (let i = 0; i < values.length; i++) {
      const offset = (values[i] as number) - least;
      if (width === 1) bytes[i] = offset;
      else if (width === 2) view.setUint16(i * 2, offset, true);
      else view.setUint32(i * 4, offset, true);
    }
    this.#out.bytes(bytes);
  }

  /** Whole numbers from 0 up that the reader knows to be such: lengths and places. */
  #naturals(values: readonly number[]): void {
    let most = 0;
    for (const value of values) if (value > most) most = value;
    this.#offsets(values, 0, most);
  }

  #floats(kind: number, values: readonly number[]): void {
    this.#out.byte(kind);
    for (const value of values) this.#out.float64(value);
  }

  #booleans(values: readonly boolean[]): void {
    if (values.every((value) => value === values[0])) {
      this.#constant(values[0]);
      return;
    }
    this.#out.byte(COLUMN.booleans);
    for (const value of values) this.#out.byte(value ? 1 : 0);
  }

  #texts(values: readonly string[]): void {
    const found = values.length < DICTIONARY_FROM ? undefined : dictionaryOf(values);
    if (found === undefined) {
      this.#out.byte(COLUMN.texts);
      this.#run(values);
    } else if (found.distinct.length === 1) {
      this.#constant(values[0]);
    } else {
      this.#out.byte(COLUMN.dictionary);
      this.#out.varint(found.distinct.length);
      this.#run(found.distinct);
      this.#naturals(found.places);
    }
  }

  #run(values: readonly string[]): void {
    const text = values.join('');
    const bytes = Buffer.from(text);
    if (bytes.length === text.length) {
      this.#out.byte(TEXT.ascii);
      this.#naturals(values.map((value) => value.length));
      this.#out.varint(bytes.length);
      this.#out.bytes(bytes);
    } else if (values.every((value) => value.isWellFormed())) {
      this.#out.byte(TEXT.utf8);
      this.#naturals(values.map((value) => Buffer.byteLength(value)));
      this.#out.varint(bytes.length);
      this.#out.bytes(bytes);
    } else {
      this.#out.byte(TEXT.utf16);
      this.#naturals(values.map((value) => value.length * 2));
      this.#out.varint(text.length * 2);
      this.#out.bytes(Buffer.from(text, 'utf16le'));
    }
  }

  #arrays(values: readonly (readonly unknown[])[], depth: number): void {
    this.#out.byte(COLUMN.arrays);
    this.#naturals(values.map((value) => value.length));
    this.#path.push('[]');
    const items: unknown[] = [];
    // By place, not by iteration: a hole of a sparse array is undefined, as the value codec has it.
    for (const value of values) for (let i = 0; i < value.length; i++) items.push(value[i]);
    this.column(items, depth + 1);
    this.#path.pop();
  }

  #objects(values: readonly Readonly<Record<string, unknown>>[], names: readonly string[], depth: number): void {
    this.#out.byte(COLUMN.objects);
    this.#out.varint(names.length);
    if (names.length > 0) this.#run(names);
    for (const name of names) {
      const cells = new Array<unknown>(values.length);
      for (let i = 0; i < values.length; i++) cells[i] = (values[i] as Readonly<Record<string, unknown>>)[name];
      this.#path.push(name);
      this.column(cells, depth + 1);
      this.#path.pop();
    }
  }

  #union(values: readonly unknown[], { kinds, places }: Classes, depth: number): void {
    this.#out.byte(COLUMN.union);
    this.#out.byte(kinds.length);
    this.#out.bytes(places);
    const parts = kinds.map((): unknown[] => []);
    for (let i = 0; i < values.length; i++) parts[places[i] as number]?.push(values[i]);
    kinds.forEach((kind, place) => {
      const part = parts[place] ?? [];
      this.#weight += part.length;
      this.#uniform(part, kind, depth);
    });
  }

  #oneByOne(values: readonly unknown[]): void {
    this.#out.byte(COLUMN.values);
    const writer = new ValueWriter(this.#out);
    const before = this.#out.length;
    try {
      for (const value of values) writer.write(value);
    } catch (error) {
      if (this.#path.length === 0 || !(error instanceof TypeError)) throw error;
      throw new TypeError(`field ${this.#path.join('.')}: ${error.message}`, { cause: error });
    }
    this.#weight += this.#out.length - before;
  }
}

type Dictionary = { readonly distinct: readonly string[]; readonly places: readonly number[] };

/** Undefined where fewer than half of the texts repeat; that shows early, and then the look ends early. */
function dictionaryOf(values: readonly string[]): Dictionary | undefined {
  const known = new Map<string, number>();
  const places = new Array<number>(values.length);
  let before: string | undefined;
  for (let i = 0; i < values.length; i++) {
    const value = values[i] as string;
    // Many columns say one thing for long; comparing is cheaper than a look-up, which hashes the whole text.
    if (value === before) {
      places[i] = places[i - 1] as number;
      continue;
    }
    before = value;
    let place = known.get(value);
    if (place === undefined) {
      place = known.size;
      known.set(value, place);
      if (place > 32 + (i >> 1)) return undefined;
    }
    places[i] = place;
  }
  return known.size <= values.length >> 1 ? { distinct: [...known.keys()], places } : undefined;
}
