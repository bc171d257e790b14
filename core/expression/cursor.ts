import type { Node } from './ast.ts';
import type { ExpressionFault, Outcome } from './fault.ts';
import { type Token, tokenize } from './lexer.ts';
import { MAX_DEPTH, MAX_QUOTED, MAX_TEXT_LENGTH } from './limit.ts';

/** Thrown where reading cannot go on; its fault is already noted. Never leaves {@link readWith}. */
class ReadingStopped extends Error {}

/** Reads one operand, of operators that bind tighter than `power`; readers of calls are given it by the parser. */
export type ReadNode = (cursor: Cursor, power?: number) => Node;

/** What a reader needs to know of the tokens: where it is, what comes, and where to note faults. */
export class Cursor {
  readonly text: string;
  readonly faults: ExpressionFault[];
  readonly #tokens: readonly Token[];
  readonly #last: Token;
  #index = 0;
  #depth = 0;

  constructor(text: string) {
    const { tokens, faults } = tokenize(text);
    this.text = text;
    this.faults = faults;
    this.#tokens = tokens;
    this.#last = tokens.at(-1) ?? { kind: 'end', value: '', start: 0, end: 0 };
  }

  /** The token `ahead` of the next one; the end again and again after the last. */
  peek(ahead = 0): Token {
    return this.#tokens[this.#index + ahead] ?? this.#last;
  }

  advance(): Token {
    const token = this.peek();
    this.#index++;
    return token;
  }

  /** Where the token before this one ended. */
  get end(): number {
    return this.#tokens[this.#index - 1]?.end ?? 0;
  }

  /** The next word in capitals; empty for anything that is not a plain word. */
  word(ahead = 0): string {
    const token = this.peek(ahead);
    return token.kind === 'word' ? token.value.toUpperCase() : '';
  }

  isSymbol(symbol: string, ahead = 0): boolean {
    const token = this.peek(ahead);
    return token.kind === 'symbol' && token.value === symbol;
  }

  acceptWord(word: string): boolean {
    if (this.word() !== word) return false;
    this.#index++;
    return true;
  }

  acceptSymbol(symbol: string): boolean {
    if (!this.isSymbol(symbol)) return false;
    this.#index++;
    return true;
  }

  expectWord(word: string, where: string): void {
    if (!this.acceptWord(word)) this.stop(`${word} is missing in ${where}`);
  }

  expectSymbol(symbol: string, where: string): void {
    if (!this.acceptSymbol(symbol)) this.stop(`"${symbol}" is missing in ${where}`);
  }

  /** Notes a fault over a part of the text and goes on. */
  note(message: string, start: number, end: number): void {
    this.faults.push({ offset: start + 1, length: Math.max(1, end - start), message });
  }

  /** Notes a fault at the next token, saying what stands there, and gives up. */
  stop(message: string, token: Token = this.peek()): never {
    const raw = this.text.slice(token.start, token.end);
    const found = token.kind === 'end' ? 'the text ends here' : `found ${quote(raw)}`;
    this.note(`${message}; ${found}`, token.start, token.end);
    throw new ReadingStopped();
  }

  /** Runs `read` one level deeper, within what the stack bears. */
  nested<T>(read: () => T): T {
    if (++this.#depth > MAX_DEPTH) {
      const { start, end } = this.peek();
      this.tooDeep(start, end);
    }
    const result = read();
    this.#depth--;
    return result;
  }

  /** Notes a fault over a part of the text and gives up. */
  refuse(message: string, start: number, end: number): never {
    this.note(message, start, end);
    throw new ReadingStopped();
  }

  tooDeep(start: number, end: number): never {
    return this.refuse(`nested deeper than ${MAX_DEPTH} levels; compute parts of it in an operator before`, start, end);
  }
}

/** A piece of a text for a message, cut where it is long. */
export function quote(text: string): string {
  return JSON.stringify(text.length > MAX_QUOTED ? `${text.slice(0, MAX_QUOTED)}…` : text);
}

/**
 * Runs `read` over the tokens of a text. The outcome has its value, or all faults of the characters, or, where these are
 * right, the first fault of the grammar and every noted one before it, in the order of the text.
 */
export function readWith<T>(text: string, read: (cursor: Cursor) => T): Outcome<T> {
  if (text.length > MAX_TEXT_LENGTH) {
    const message = `the text has ${text.length} characters; at most ${MAX_TEXT_LENGTH} are read: write a function in a module`;
    return { kind: 'faults', faults: [{ offset: 1, length: text.length, message }] };
  }
  const cursor = new Cursor(text);
  try {
    const value = cursor.faults.length === 0 ? read(cursor) : undefined;
    if (value !== undefined && cursor.faults.length === 0) return { kind: 'ok', value };
  } catch (error) {
    if (!(error instanceof ReadingStopped)) throw error;
  }
  return { kind: 'faults', faults: cursor.faults.sort((left, right) => left.offset - right.offset) };
}
