import type { ExpressionFault } from './fault.ts';

/**
 * Text to tokens. A token is a word, a name in backticks, a number, a text in single quotes, a symbol, or the end.
 *
 * White space and comments (`-- to the end of the line`, and those between slash and star) separate and are dropped.
 * `value` is what the token stands for: quotes are taken off and doubled quotes halved. Characters that begin no token
 * are faults; lexing goes on after them, so that all are found.
 */
export type Token = {
  readonly kind: 'word' | 'quoted' | 'number' | 'string' | 'symbol' | 'end';
  readonly value: string;
  readonly start: number;
  readonly end: number;
};

const SPACE = /(?:\s|--[^\n]*|\/\*[\s\S]*?\*\/)+/uy;
const PATTERNS: readonly (readonly [Token['kind'], RegExp])[] = [
  ['word', /[\p{ID_Start}_][\p{ID_Continue}$]*/uy],
  ['number', /(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?/uy],
  ['string', /'[^']*(?:''[^']*)*'/uy],
  ['quoted', /`[^`]*(?:``[^`]*)*`/uy],
  ['symbol', /<>|!=|<=|>=|\|\||[=<>+\-*/%(),.[\]]/uy],
];

/** Mistakes that people bring from other languages, with what to write here. */
const WAYS_OUT: readonly (readonly [string, string])[] = [
  ['/*', 'a comment begins here and does not end; close it with */'],
  ["'", "a text begins here and does not end; close it with ' (a quote within is written '')"],
  ['`', 'a name begins here and does not end; close it with `'],
  ['"', "text stands in single quotes ('text'), names in backticks (`name`); double quotes mean nothing here"],
  ['&&', 'write AND'],
  ['!', 'write NOT'],
  [';', 'an expression is one value: leave the semicolon out'],
];

/** All tokens of a text, the last of kind `end`, and the faults on the way. */
export function tokenize(text: string): { readonly tokens: readonly Token[]; readonly faults: ExpressionFault[] } {
  const tokens: Token[] = [];
  const faults: ExpressionFault[] = [];
  let at = 0;
  for (;;) {
    SPACE.lastIndex = at;
    if (SPACE.test(text)) at = SPACE.lastIndex;
    if (at >= text.length) break;
    const token = tokenAt(text, at);
    if (token) {
      tokens.push(token);
      at = token.end;
    } else {
      const fault = strayCharacter(text, at);
      faults.push(fault);
      at = fault.offset - 1 + fault.length;
    }
  }
  tokens.push({ kind: 'end', value: '', start: text.length, end: text.length });
  return { tokens, faults: faults.concat(doubledEquals(tokens)) };
}

function tokenAt(text: string, start: number): Token | undefined {
  if (text.startsWith('/*', start)) return undefined;
  for (const [kind, pattern] of PATTERNS) {
    pattern.lastIndex = start;
    if (!pattern.test(text)) continue;
    const end = pattern.lastIndex;
    return { kind, value: plainValue(kind, text.slice(start, end)), start, end };
  }
  return undefined;
}

function plainValue(kind: Token['kind'], raw: string): string {
  if (kind === 'string') return raw.slice(1, -1).replaceAll("''", "'");
  if (kind === 'quoted') return raw.slice(1, -1).replaceAll('``', '`');
  return raw;
}

function strayCharacter(text: string, at: number): ExpressionFault {
  const character = String.fromCodePoint(text.codePointAt(at) ?? 0);
  const known = WAYS_OUT.find(([start]) => text.startsWith(start, at));
  if (known === undefined) {
    const message = `${JSON.stringify(character)} has no meaning here; a column of such a name is written in backticks`;
    return { offset: at + 1, length: character.length, message };
  }
  const [start, message] = known;
  const close = start === '"' ? text.indexOf('"', at + 1) + 1 : 0;
  const end = "'`/*".includes(start) ? text.length : Math.max(close, at + start.length);
  return { offset: at + 1, length: end - at, message };
}

/** `==` reads as two tokens, which would give a puzzling message later. */
function doubledEquals(tokens: readonly Token[]): ExpressionFault[] {
  const faults: ExpressionFault[] = [];
  for (const [index, token] of tokens.entries()) {
    const next = tokens[index + 1];
    if (token.value !== '=' || next?.value !== '=' || token.kind !== 'symbol' || next.kind !== 'symbol') continue;
    if (token.end === next.start) faults.push({ offset: token.start + 1, length: 2, message: 'equality is written =' });
  }
  return faults;
}
