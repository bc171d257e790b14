import type { OperatorSpec } from './schema.ts';
import type { SpecFault, Step } from './spec-fault.ts';

/**
 * Which words of an operator go together: the one table that the checks and the building of a job both follow.
 *
 * Model: one word says what is done (`does`), others prepare the records for it. What is done to a bare stream, a keyed
 * one, a windowed one and so on differs, so the words that prepare make the operator's shape; each shape allows some.
 */
export type OperatorWord = keyof OperatorSpec;

/** The words that say what is done. */
const DOING = [
  'filter',
  'map',
  'addColumns',
  'flatMap',
  'async',
  'assignTimestamps',
  'process',
  'reduce',
  'sum',
  'min',
  'max',
  'minBy',
  'maxBy',
  'aggregate',
  'apply',
  'select',
  'coMap',
  'coFlatMap',
  'coProcess',
] as const satisfies readonly OperatorWord[];
export type Doing = (typeof DOING)[number];

const ROLLING = ['process', 'reduce', 'sum', 'min', 'max', 'minBy', 'maxBy'] as const;
const WINDOWED = ['aggregate', 'apply', ...ROLLING] as const;

type Shape = {
  /** How messages name it. */
  readonly name: string;
  /** The words that make it. */
  readonly words: readonly OperatorWord[];
  /** What it allows beside them. */
  readonly may: readonly OperatorWord[];
  readonly does: readonly Doing[];
};

const ONE_INPUT = ['input', 'partition'] as const;

/** The first whose words are all there counts. */
const SHAPES = {
  join: { name: 'a window join', words: ['join'], may: ['window'], does: ['select', 'apply'] },
  coGroup: { name: 'a coGroup', words: ['coGroup'], may: ['window'], does: ['apply'] },
  intervalJoin: { name: 'an interval join', words: ['intervalJoin'], may: ['between'], does: ['select', 'process'] },
  connect: { name: 'a connection', words: ['connect'], may: [], does: ['coMap', 'coFlatMap', 'coProcess'] },
  broadcast: { name: 'a broadcast', words: ['broadcast'], may: [...ONE_INPUT, 'keyBy'], does: ['process'] },
  windowAll: { name: 'windowAll', words: ['windowAll'], may: [...ONE_INPUT, 'result'], does: WINDOWED },
  window: { name: 'a window', words: ['window'], may: [...ONE_INPUT, 'keyBy', 'result'], does: WINDOWED },
  keyed: { name: 'a keyed stream', words: ['keyBy'], may: ONE_INPUT, does: ROLLING },
  stream: {
    name: 'a stream',
    words: [],
    may: ONE_INPUT,
    does: ['filter', 'map', 'addColumns', 'flatMap', 'async', 'assignTimestamps', 'process'],
  },
} as const satisfies { readonly [name: string]: Shape };

export type ShapeName = keyof typeof SHAPES;

/** What an operator is, by its words. */
export type Form = { readonly shape: ShapeName; readonly does: Doing };

const ALWAYS: readonly OperatorWord[] = ['parallelism', 'description', 'schema'];

/** The form of an operator whose words go together; undefined where they do not. */
export function formOf(operator: OperatorSpec): Form | undefined {
  const shape = shapeOf(operator);
  const does = DOING.filter((word) => operator[word] !== undefined);
  return does.length === 1 && does[0] !== undefined ? { shape, does: does[0] } : undefined;
}

function shapeOf(operator: OperatorSpec): ShapeName {
  const names = Object.keys(SHAPES) as ShapeName[];
  return names.find((name) => SHAPES[name].words.every((word) => operator[word] !== undefined)) ?? 'stream';
}

/** What is wrong with the words of an operator together. */
export function formFaults(operator: OperatorSpec, path: readonly Step[]): SpecFault[] {
  const words = (Object.keys(operator) as OperatorWord[]).filter((word) => operator[word] !== undefined);
  const name = shapeOf(operator);
  const shape: Shape = SHAPES[name];
  const does = DOING.filter((word) => operator[word] !== undefined);
  const [first, second] = does;
  if (first === undefined)
    return [
      { path, at: 'key', message: `does nothing with ${shape.name}; add ${listOf(shape.does)}`, mayFollow: true },
    ];
  if (second !== undefined) {
    const message = `${first} and ${second} are two operators; give each its own name`;
    return [{ path: [...path, second], at: 'key', message }];
  }
  const faults = missingWords(operator, name, first, path);
  if (faults.length > 0) return faults;
  if (!shape.does.includes(first)) return [{ path: [...path, first], at: 'key', message: misplaced(first, shape) }];
  const allowed = new Set<OperatorWord>([...ALWAYS, ...shape.words, ...shape.may, first]);
  return words
    .filter((word) => !allowed.has(word))
    .map((word) => ({ path: [...path, word], at: 'key', message: superfluous(word, first, shape) }));
}

/** What a shape cannot do without, in the order in which a person would add it. */
function missingWords(operator: OperatorSpec, shape: ShapeName, does: Doing, path: readonly Step[]): SpecFault[] {
  const faults: SpecFault[] = [];
  const miss = (word: OperatorWord, message: string) =>
    faults.push({ path: [...path, word], at: 'key', message, mayFollow: true });
  switch (shape) {
    case 'window':
      if (operator.keyBy === undefined) {
        miss('window', 'a window needs keyBy; add keyBy, or write windowAll for one window over all keys');
      }
      break;
    case 'join':
    case 'coGroup':
      if (operator.window === undefined) miss(shape, 'it needs a window; add window: { tumbling: 1h } or another');
      break;
    case 'intervalJoin':
      if (operator.between === undefined) miss(shape, 'it needs bounds; add between: [-5m, 10s] or others');
      break;
    case 'keyed':
    case 'stream':
      if (does === 'aggregate' || does === 'apply') {
        const key = shape === 'keyed' ? '' : 'keyBy and ';
        miss(does, `${does} needs ${key}a window; add ${key}window: { tumbling: 10s } or another`);
      } else if (shape === 'stream' && does !== 'process' && (ROLLING as readonly Doing[]).includes(does)) {
        miss(does, `${does} needs keyBy, since it is computed per key; add keyBy`);
      }
      break;
  }
  const hasSides = shape === 'join' || shape === 'coGroup' || shape === 'intervalJoin' || shape === 'connect';
  if (faults.length === 0 && !hasSides && operator.input === undefined) {
    faults.push({
      path,
      at: 'key',
      message: 'has no input; add input: with the name of a source or an operator',
      mayFollow: true,
    });
  }
  return faults;
}

function misplaced(does: Doing, shape: Shape): string {
  const way: { readonly [word in Doing]?: string } = {
    select: 'select belongs to join and intervalJoin; use map for the records of one stream',
    coMap: 'coMap needs connect: { left, right }',
    coFlatMap: 'coFlatMap needs connect: { left, right }',
    coProcess: 'coProcess needs connect: { left, right }',
  };
  const own = shape.words.length === 0 || shape.words[0] === 'keyBy' ? way[does] : undefined;
  if (own !== undefined) return own;
  if (shape.words[0] === 'keyBy') return `${does} needs no keyBy, which changes nothing for it; leave keyBy out`;
  return `${does} does not go with ${shape.name}; there ${shape.does.length === 1 ? 'is' : 'are'} ${listOf(shape.does)}`;
}

function superfluous(word: OperatorWord, does: Doing, shape: Shape): string {
  if (word === 'input') return `${shape.name} reads its left and right; leave input out`;
  if (word === 'result') return 'result turns the result of a window into another; it needs a window';
  if (word === 'keyBy' && shape.words[0] === 'windowAll')
    return 'windowAll is over all keys; write window, or leave keyBy out';
  return `${word} does not go with ${shape.words[0] ?? does}; leave it out`;
}

function listOf(words: readonly string[]): string {
  return words.length === 1 ? String(words[0]) : `${words.slice(0, -1).join(', ')} or ${words.at(-1)}`;
}
