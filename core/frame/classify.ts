import { MAX_CLASSES, MAX_FIELDS } from './column.ts';

/** What a column of one class holds; a list of names is the shape of objects. */
export type Class = 'nothing' | 'boolean' | 'number' | 'text' | 'date' | 'array' | 'other' | readonly string[];

export type Classes = {
  /** The classes there are, in the order of their first values. `null` and `undefined` are two of the kind `nothing`. */
  readonly kinds: readonly Class[];
  /** The place in `kinds` of each value's class. */
  readonly places: Uint8Array;
};

const NOTHING_CLASSIFIED = new Uint8Array(0);

/** The classes of some values; more than {@link MAX_CLASSES} are one class, `other`. */
export function classify(values: readonly unknown[]): Classes {
  return ofOneShape(values) ?? new Classifier(values).result;
}

/** The quick way for what most columns are: all of one primitive type, or objects of one shape. */
function ofOneShape(values: readonly unknown[]): Classes | undefined {
  const kind = classOf(values[0]);
  if (typeof kind === 'string') {
    const type = typeof values[0];
    if (type === 'object' || type === 'undefined' || kind === 'other') return undefined;
    for (let i = 1; i < values.length; i++) if (typeof values[i] !== type) return undefined;
  } else {
    for (let i = 1; i < values.length; i++) if (!hasShape(values[i], kind)) return undefined;
  }
  return { kinds: [kind], places: NOTHING_CLASSIFIED };
}

class Classifier {
  readonly #kinds: Class[] = [];
  readonly #known = new Map<unknown, number>();
  readonly #shapes: { readonly names: readonly string[]; readonly place: number }[] = [];
  readonly result: Classes;

  constructor(values: readonly unknown[]) {
    const places = new Uint8Array(values.length);
    for (let i = 0; i < values.length; i++) {
      places[i] = this.#placeOf(values[i]);
      if (this.#kinds.length > MAX_CLASSES) {
        this.result = { kinds: ['other'], places: NOTHING_CLASSIFIED };
        return;
      }
    }
    this.result = { kinds: this.#kinds, places };
  }

  #placeOf(value: unknown): number {
    if (typeof value === 'object' && value !== null) {
      for (const { names, place } of this.#shapes) if (hasShape(value, names)) return place;
    }
    const kind = classOf(value);
    if (typeof kind !== 'string') {
      this.#shapes.push({ names: kind, place: this.#kinds.length });
      return this.#kinds.push(kind) - 1;
    }
    const mark = kind === 'nothing' ? value : kind;
    const known = this.#known.get(mark);
    if (known !== undefined) return known;
    this.#known.set(mark, this.#kinds.length);
    return this.#kinds.push(kind) - 1;
  }
}

function classOf(value: unknown): Class {
  switch (typeof value) {
    case 'string':
      return 'text';
    case 'number':
      return 'number';
    case 'boolean':
      return 'boolean';
    case 'undefined':
      return 'nothing';
    case 'object':
      return value === null ? 'nothing' : objectClassOf(value);
    default:
      return 'other';
  }
}

function objectClassOf(value: object): Class {
  if (Array.isArray(value)) return 'array';
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype === Date.prototype && value instanceof Date) return 'date';
  if (prototype !== Object.prototype && prototype !== null) return 'other';
  const names = Object.keys(value);
  return names.length > MAX_FIELDS ? 'other' : names;
}

/** A plain object with exactly these fields in this order. Walks the fields rather than list them: it is asked of each record. */
function hasShape(value: unknown, names: readonly string[]): boolean {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype !== Object.prototype && prototype !== null) return false;
  let place = 0;
  for (const name in value) if (names[place++] !== name) return false;
  return place === names.length;
}
