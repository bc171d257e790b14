import {
  isAlias,
  isMap,
  isNode,
  isScalar,
  isSeq,
  LineCounter,
  type Node,
  type Pair,
  parseDocument,
  type YAMLMap,
} from 'yaml';
import type { Place } from '../../error/error.ts';
import type { SpecFault, Step } from './spec-fault.ts';
import { syntaxMessage } from './syntax-message.ts';

/**
 * A YAML or JSON file as plain data that remembers where everything stood. JSON is YAML.
 *
 * 1. The data is made here and not by the library: names twice in one map, `__proto__` and aliases that contain
 *    themselves are faults; of a name that stands twice the first counts.
 * 2. Whatever the text, its size, depth and what its aliases grow to are bounded.
 * 3. A path that is not in the file is located at the nearest thing above it that is.
 */
export type SpecDocument = {
  readonly value: unknown;
  readonly faults: readonly PlacedFault[];
  readonly locate: Locate;
};

export type PlacedFault = SpecFault & { readonly place: Place };

/** The place of a path: of its value, or of its name with `key`; `offset` is the 1-based column within a text. */
export type Locate = (path: readonly Step[], at?: 'key' | 'value', offset?: number) => Place;

/** A spec of ten thousand operators has about one megabyte. */
export const MAX_SPEC_CHARACTERS = 16 * 1_048_576;
/** Specs nest some ten deep; records of a collection may go further. */
const MAX_DEPTH = 200;
/** What aliases may grow to. */
const MAX_NODES = 4_000_000;
const GROUPS = new Set(['sources', 'operators', 'sinks']);
/** More syntax faults are echoes of the first. */
const MAX_SYNTAX_FAULTS = 20;

/** Reads the text of a spec; `file` is how places name it. */
export function readDocument(text: string, file: string): SpecDocument {
  const nowhere: Locate = () => ({ file });
  const refused = (message: string): SpecDocument => ({
    value: undefined,
    faults: [{ path: [], message, place: { file, line: 1, column: 1 } }],
    locate: nowhere,
  });
  if (text.length > MAX_SPEC_CHARACTERS) {
    return refused(
      `it has ${text.length} characters, more than the ${MAX_SPEC_CHARACTERS} of a job spec; keep data out of it, in a file that a source reads`,
    );
  }
  const lines = new LineCounter();
  try {
    const document = parseDocument(text, {
      lineCounter: lines,
      prettyErrors: false,
      uniqueKeys: false,
      logLevel: 'silent',
    });
    const reader = new Reader(text, file, lines, (alias) => (isAlias(alias) ? alias.resolve(document) : undefined));
    const value = document.contents === null ? null : reader.read(document.contents);
    const syntax = syntaxFaults(document.errors, (offset) => reader.placeOf(offset), text);
    return {
      value,
      faults: [...syntax, ...reader.faults],
      locate: reader.locator(document.contents),
    };
  } catch (error) {
    if (error instanceof RangeError) return refused(`it nests deeper than the ${MAX_DEPTH} levels of a job spec`);
    throw error;
  }
}

type SyntaxError = { readonly code: string; readonly message: string; readonly pos: readonly [number, number] };

/** The first fault of each line; the others follow from it. */
function syntaxFaults(errors: readonly SyntaxError[], placeOf: (offset: number) => Place, text: string): PlacedFault[] {
  const faults: PlacedFault[] = [];
  const lines = new Set<number | undefined>();
  for (const error of errors) {
    const place = placeOf(error.pos[0]);
    if (lines.has(place.line) || faults.length === MAX_SYNTAX_FAULTS) continue;
    lines.add(place.line);
    faults.push({ path: [], message: syntaxMessage(error.code, error.message, text, error.pos[0]), place });
  }
  return faults;
}

class Reader {
  readonly faults: PlacedFault[] = [];
  readonly #text: string;
  readonly #file: string;
  readonly #lines: LineCounter;
  readonly #resolve: (alias: unknown) => Node | undefined;
  readonly #pairs = new WeakMap<YAMLMap, ReadonlyMap<string, Pair>>();
  readonly #path: Step[] = [];
  readonly #within: Node[] = [];
  #count = 0;

  constructor(text: string, file: string, lines: LineCounter, resolve: (alias: unknown) => Node | undefined) {
    this.#text = text;
    this.#file = file;
    this.#lines = lines;
    this.#resolve = resolve;
  }

  placeOf(offset: number): Place {
    const { line, col } = this.#lines.linePos(Math.min(offset, this.#text.length));
    return { file: this.#file, line: Math.max(1, line), column: Math.max(1, col) };
  }

  read(given: unknown): unknown {
    const node = this.#target(given);
    if (node === undefined) return null;
    this.#count++;
    if (this.#count > MAX_NODES) {
      if (this.#count === MAX_NODES + 1) this.#note(node, `its aliases make it grow beyond ${MAX_NODES} values`);
      return null;
    }
    if (this.#within.length >= MAX_DEPTH) throw new RangeError('too deep');
    if (this.#within.includes(node)) {
      this.#note(isNode(given) ? given : node, 'the alias contains itself');
      return null;
    }
    if (isScalar(node)) return node.value;
    this.#within.push(node);
    const value = isMap(node) ? this.#record(node) : isSeq(node) ? this.#list(node.items) : null;
    this.#within.pop();
    return value;
  }

  locator(root: Node | null): Locate {
    return (path, at = 'value', offset) => {
      let node: Node | undefined = root === null ? undefined : this.#target(root);
      let found: unknown = root;
      for (const [index, step] of path.entries()) {
        const pair = isMap(node) ? this.#pairsOf(node).get(String(step)) : undefined;
        const next = isSeq(node) ? node.items[Number(step)] : pair?.value;
        const last = index === path.length - 1;
        if (pair !== undefined && ((last && at === 'key') || isEmpty(next))) return this.#placeOfNode(pair.key);
        if (next === undefined || next === null) {
          return isMap(node) && index > 0 ? this.#placeOfName(path.slice(0, index), root) : this.#placeOfNode(found);
        }
        found = next;
        node = this.#target(next);
      }
      return this.#placeOfNode(found, offset);
    };
  }

  /** The name of what lacks something is where to look. */
  #placeOfName(path: readonly Step[], root: Node | null): Place {
    return this.locator(root)(path, 'key');
  }

  #placeOfNode(node: unknown, offset?: number): Place {
    const start = isNode(node) ? (node.range?.[0] ?? 0) : 0;
    if (offset === undefined || !isScalar(node)) return this.placeOf(start);
    return this.placeOf(start + this.#offsetWithin(node.source ?? String(node.value), start, offset));
  }

  /** Where a text has escapes or several lines, what it says is not what stands there: then its begin is the place. */
  #offsetWithin(source: string, start: number, offset: number): number {
    const first = this.#text[start];
    const quoted = first === '"' || first === "'" ? 1 : 0;
    const plain = this.#text.startsWith(source, start + quoted) && !source.includes('\n');
    return plain ? quoted + offset - 1 : 0;
  }

  #record(map: YAMLMap): Record<string, unknown> {
    const record: Record<string, unknown> = {};
    let cut: CutText | undefined;
    for (const pair of map.items) {
      if (isWithin(pair.key, cut)) continue;
      const name = keyOf(pair.key);
      if (name === undefined) {
        this.#note(pair.key, 'a list or map cannot be a name');
      } else if (name === '__proto__') {
        this.#note(pair.key, '__proto__ cannot be a name');
      } else if (Object.hasOwn(record, name)) {
        this.#noteTwice(pair.key, name);
      } else {
        this.#path.push(name);
        cut = this.#cutText(pair.value);
        record[name] = cut?.whole ?? this.read(pair.value);
        this.#path.pop();
      }
    }
    return record;
  }

  #list(items: readonly unknown[]): unknown[] {
    const list: unknown[] = [];
    let cut: CutText | undefined;
    for (const item of items) {
      if (isWithin(item, cut)) continue;
      this.#path.push(list.length);
      cut = this.#cutText(item);
      list.push(cut?.whole ?? this.read(item));
      this.#path.pop();
    }
    return list;
  }

  #noteTwice(key: unknown, name: string): void {
    const owner = this.#path.at(-1);
    const where = owner === undefined ? 'the file' : String(owner);
    const isGroup = this.#path.length === 1 && GROUPS.has(String(owner));
    const kind = isGroup ? `two ${where} are named` : `${where} has twice the name`;
    this.#path.push(name);
    this.#note(key, `${kind} "${name}"; give each its own`);
    this.#path.pop();
  }

  /**
   * `{ p95: percentile(ms, 0.95) }` is, to YAML, a text `percentile(ms` and a name `0.95)`: a comma ends a plain text within
   * braces or brackets. What was meant is taken, so that all else can be checked.
   */
  #cutText(value: unknown): CutText | undefined {
    if (!isScalar(value) || value.type !== 'PLAIN' || typeof value.value !== 'string') return undefined;
    const [start, end] = value.range ?? [0, 0];
    if (openBrackets(value.value) === 0 || !/^\s*,/.test(this.#text.slice(end, end + 80))) return undefined;
    const rest = /^[^\n}\]]*/.exec(this.#text.slice(end))?.[0] ?? '';
    const text = `${value.value}${rest}`;
    const whole = text.slice(0, balancedEnd(text));
    this.#note(value, `"${value.value}" ends at its comma, in the middle of its brackets; quote it: "${whole}"`);
    return { whole, end: start + whole.length };
  }

  #note(node: unknown, message: string): void {
    const start = isNode(node) ? (node.range?.[0] ?? 0) : 0;
    this.faults.push({ path: [...this.#path], message, place: this.placeOf(start) });
  }

  #target(given: unknown): Node | undefined {
    if (isAlias(given)) return this.#resolve(given);
    return isNode(given) ? given : undefined;
  }

  #pairsOf(map: YAMLMap): ReadonlyMap<string, Pair> {
    const known = this.#pairs.get(map);
    if (known !== undefined) return known;
    const pairs = new Map<string, Pair>();
    for (const pair of map.items) {
      const name = keyOf(pair.key);
      if (name !== undefined && !pairs.has(name)) pairs.set(name, pair);
    }
    this.#pairs.set(map, pairs);
    return pairs;
  }
}

/** A text that was cut at a comma: what was meant, and where that ends in the file. */
type CutText = { readonly whole: string; readonly end: number };

function isWithin(node: unknown, cut: CutText | undefined): boolean {
  return cut !== undefined && isNode(node) && (node.range?.[0] ?? cut.end) < cut.end;
}

function keyOf(key: unknown): string | undefined {
  if (isScalar(key)) return key.value === null ? '' : String(key.value);
  return undefined;
}

function isEmpty(node: unknown): boolean {
  return isScalar(node) && node.value === null && (node.source ?? '') === '';
}

/** How many round brackets a text leaves open. */
function openBrackets(text: string): number {
  let open = 0;
  for (const character of text) {
    if (character === '(') open++;
    else if (character === ')') open = Math.max(0, open - 1);
  }
  return open;
}

/** Where the brackets of a text are closed again; its end where they never are. */
function balancedEnd(text: string): number {
  let open = 0;
  for (let index = 0; index < text.length; index++) {
    if (text[index] === '(') open++;
    if (text[index] !== ')') continue;
    open--;
    if (open === 0 && !/^\s*(\)|filter)/i.test(text.slice(index + 1))) return index + 1;
  }
  return text.length;
}
