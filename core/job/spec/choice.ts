import type { OperatorSpec } from './schema.ts';
import { pathText, type SpecFault, type Step } from './spec-fault.ts';

/**
 * Maps of which one word says what is meant and others say more about it: windows, triggers, evictors, connectors.
 */
type Choice = {
  /** How messages name it. */
  readonly name: string;
  readonly words: readonly string[];
  /** What goes only with some of the words. */
  readonly extras: { readonly [extra: string]: readonly string[] };
};

export const WINDOW: Choice = {
  name: 'window',
  words: ['tumbling', 'sliding', 'session', 'count', 'global', 'endOfStream'],
  extras: {
    slide: ['sliding', 'count'],
    offset: ['tumbling', 'sliding'],
    time: ['tumbling', 'sliding', 'session'],
  },
};

export const TRIGGER: Choice = {
  name: 'trigger',
  words: [
    'eventTime',
    'processingTime',
    'endOfStream',
    'never',
    'count',
    'continuousEventTime',
    'continuousProcessingTime',
    'delta',
    'custom',
  ],
  extras: { of: ['delta'] },
};

export const EVICTOR: Choice = {
  name: 'evictor',
  words: ['count', 'time', 'delta', 'custom'],
  extras: { of: ['delta'], after: ['count', 'time', 'delta'] },
};

/** The connectors of a source or sink, of which there must be one. */
export function connectorChoice(name: 'source' | 'sink', words: readonly string[]): Choice {
  return { name: `connector of the ${name}`, words, extras: {} };
}

/** The word that says what is meant; undefined where there is not just one. */
export function chosen(value: object, { words }: Pick<Choice, 'words'>): string | undefined {
  const found = words.filter((word) => Object.hasOwn(value, word));
  return found.length === 1 ? found[0] : undefined;
}

/** What is wrong with the words of such a map together. */
export function choiceFaults(value: object, choice: Choice, path: readonly Step[]): SpecFault[] {
  const { name, words, extras } = choice;
  const [first, ...others] = words.filter((word) => Object.hasOwn(value, word));
  if (first === undefined) {
    return [{ path, at: 'key', message: `has no ${name}; there are ${words.join(', ')}`, mayFollow: true }];
  }
  if (others.length > 0) {
    const message = `${first} and ${others[0]} are two; ${pathText(path.slice(-1))} has one ${name}`;
    return [{ path: [...path, others[0] ?? ''], at: 'key', message }];
  }
  return Object.entries(extras)
    .filter(([extra, goesWith]) => Object.hasOwn(value, extra) && !goesWith.includes(first))
    .map(([extra, goesWith]) => ({
      path: [...path, extra],
      at: 'key' as const,
      message: `${extra} goes with ${goesWith.join(' and ')}, not with ${first}; leave it out`,
    }));
}

/** Words of a window, its trigger and its evictor that do not go together. */
export function windowFaults(spec: OperatorSpec, path: readonly Step[]): SpecFault[] {
  return (['window', 'windowAll'] as const).flatMap((word) => {
    const window = spec[word];
    if (typeof window !== 'object') return [];
    const at = [...path, word];
    const { trigger, evictor } = window;
    return [
      ...choiceFaults(window, WINDOW, at),
      ...(typeof trigger === 'object' ? choiceFaults(trigger, TRIGGER, [...at, 'trigger']) : []),
      ...(typeof evictor === 'object' ? choiceFaults(evictor, EVICTOR, [...at, 'evictor']) : []),
      ...('sliding' in window && !('slide' in window)
        ? [
            {
              path: [...at, 'sliding'],
              message: 'sliding windows need slide: from one window to the next, such as slide: 10s',
            },
          ]
        : []),
    ];
  });
}
