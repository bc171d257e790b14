import type { Node } from './ast.ts';
import type { Parameter } from './catalog.ts';
import { datePattern } from './runtime/date-format.ts';
import { likePattern } from './runtime/pattern.ts';

/**
 * Arguments that are read when the expression is compiled: patterns and paths.
 *
 * The code of one is an expression without free names but those of the runtime; every text in it is escaped as JSON.
 */
export type ConstantCode =
  | { readonly kind: 'code'; readonly code: string }
  | { readonly kind: 'fault'; readonly message: string };

/** A JavaScript string literal. The separators that JSON allows and old JavaScript does not are escaped too. */
export function textLiteral(text: string): string {
  return JSON.stringify(text).replaceAll('\u2028', '\\u2028').replaceAll('\u2029', '\\u2029');
}

/** The code of an argument that must be constant; undefined for parameters that need not be. */
export function constantArgument(parameter: Parameter, node: Node): ConstantCode | undefined {
  switch (parameter) {
    case 'regexp':
    case 'global-regexp':
      return withText(node, 'the regular expression', (text) => regexpCode(text, parameter === 'regexp' ? '' : 'g'));
    case 'date-pattern':
      return withText(node, 'the pattern', datePatternCode);
    case 'json-path':
      return withText(node, 'the path', jsonPathCode);
    case 'group':
      return groupCode(node);
    default:
      return undefined;
  }
}

/** The code of a LIKE pattern; undefined for one that comes from the record. */
export function likeCode(node: Node, mark: string | undefined): ConstantCode | undefined {
  if (node.kind !== 'literal' || typeof node.value !== 'string') return undefined;
  if (likePattern(node.value, mark) === undefined) {
    return fault(`in the pattern the escape ${mark} must stand before %, _ or itself`);
  }
  const given = mark === undefined ? '' : `, ${textLiteral(mark)}`;
  return { kind: 'code', code: `$.likePattern(${textLiteral(node.value)}${given})` };
}

/** The code of a SIMILAR TO pattern, which must be constant. */
export function similarCode(node: Node, mark: string | undefined): ConstantCode {
  return withText(node, 'the pattern of SIMILAR TO', (text) => regexpCode(similarSource(text, mark), ''));
}

function withText(node: Node, what: string, read: (text: string) => ConstantCode): ConstantCode {
  if (node.kind === 'literal' && typeof node.value === 'string') return read(node.value);
  return fault(`${what} must be a constant text, so that it is compiled once`);
}

function fault(message: string): ConstantCode {
  return { kind: 'fault', message };
}

/** Java's leading `(?i)` becomes a flag. A pattern that Unicode mode refuses is tried without it. */
function regexpCode(pattern: string, flags: string): ConstantCode {
  const [, own = '', source = ''] = /^(?:\(\?([ims]+)\))?([\s\S]*)$/.exec(pattern) ?? [];
  const mistakes: string[] = [];
  for (const mode of ['u', '']) {
    try {
      const all = [...new Set(flags + own + mode)].join('');
      const { source: checked } = new RegExp(source, all);
      return { kind: 'code', code: `new RegExp(${textLiteral(checked)}, ${textLiteral(all)})` };
    } catch (error) {
      mistakes.push(error instanceof Error ? error.message : String(error));
    }
  }
  return fault(`${mistakes[0]}; regular expressions are those of JavaScript`);
}

function similarSource(pattern: string, mark: string | undefined): string {
  let source = '';
  let inClass = false;
  const points = [...pattern];
  for (let at = 0; at < points.length; at++) {
    const point = points[at] as string;
    if (point === mark) source += literalPoint(points[++at] ?? '');
    else if (inClass) {
      inClass = point !== ']';
      source += point === '\\' ? '\\\\' : point;
    } else if (point === '%') source += '[^]*';
    else if (point === '_') source += '[^]';
    else if ('|()*+?{}'.includes(point)) source += point;
    else if (point === '[') {
      inClass = true;
      source += point;
    } else source += literalPoint(point);
  }
  return `^(?:${source})$`;
}

function literalPoint(point: string): string {
  return point.replace(/[\\^$.*+?()[\]{}|/]/, '\\$&');
}

function datePatternCode(text: string): ConstantCode {
  if (datePattern(text) === undefined) {
    return fault(`${JSON.stringify(text)} is not a pattern; write one of yyyy MM dd HH mm ss SSS, hh a, MMM and EEE`);
  }
  return { kind: 'code', code: `$.datePattern(${textLiteral(text)})` };
}

const STEP = /\.([\p{ID_Start}_][\p{ID_Continue}$]*)|\[(\d+)\]|\[(?:'([^'\\]*)'|"([^"\\]*)")\]/uy;

function jsonPathCode(text: string): ConstantCode {
  const start = /^\s*(?:lax\s+|strict\s+)?\$/.exec(text)?.[0].length ?? 0;
  const steps: (string | number)[] = [];
  let end = start;
  STEP.lastIndex = start;
  for (let step = STEP.exec(text); step; step = STEP.exec(text)) {
    end = STEP.lastIndex;
    steps.push(step[2] === undefined ? (step[1] ?? step[3] ?? step[4] ?? '') : Number(step[2]));
  }
  if (start === 0 || end !== text.trimEnd().length) return fault("a path is written like '$.a.b[0]'");
  const codes = steps.map((step) => (typeof step === 'number' ? String(step) : textLiteral(step)));
  return { kind: 'code', code: `[${codes.join(', ')}]` };
}

function groupCode(node: Node): ConstantCode {
  if (node.kind === 'literal' && typeof node.value === 'number' && Number.isInteger(node.value) && node.value >= 0) {
    return { kind: 'code', code: String(node.value) };
  }
  return fault('the group must be a constant whole number');
}
