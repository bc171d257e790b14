/** What an export of a user's must have to be one of these; what a class or a maker gives is seen when it is made. */
const KINDS = {
  'a trigger': { every: ['create', 'onElement', 'onEventTime', 'onProcessingTime'], mayBeMade: false },
  'an evictor': { some: ['before', 'after'], mayBeMade: false },
  'an aggregate function': { every: ['create', 'add', 'result'], mayBeMade: false },
  'a source': { every: ['splits', 'open'], within: 'source', mayBeMade: false },
  'a sink': { every: ['open'], within: 'sink', mayBeMade: false },
  'a process function': { every: ['process'], mayBeMade: true },
  'a process function of two inputs': { every: ['processLeft', 'processRight'], mayBeMade: true },
  'a process function of a broadcast': { every: ['process', 'processBroadcast'], mayBeMade: true },
} as const satisfies { readonly [kind: string]: Shape };

type Shape = {
  /** All of these functions, or one of these. */
  readonly every?: readonly string[];
  readonly some?: readonly string[];
  /** The property that a connector of both sides has it under. */
  readonly within?: string;
  /** Whether a class or a function that makes one will do. */
  readonly mayBeMade: boolean;
};

export type OwnKind = keyof typeof KINDS;

/** Why an export is not of a kind, to follow `./module.ts#name`; undefined where it is. */
export function unfitness(found: unknown, kind: OwnKind): string | undefined {
  const { every = [], some = [], within, mayBeMade }: Shape = KINDS[kind];
  if (mayBeMade && typeof found === 'function') return undefined;
  const object = within !== undefined && isObject(found) && isObject(found[within]) ? found[within] : found;
  if (!isObject(object)) return `is of type ${found === null ? 'null' : typeof found}; ${kind} is expected`;
  const lacking = every.find((name) => typeof object[name] !== 'function');
  if (lacking !== undefined) return `is not ${kind}: it has no function ${lacking}`;
  if (some.length === 0 || some.some((name) => typeof object[name] === 'function')) return undefined;
  return `is not ${kind}: it has no function ${some.join(' or ')}`;
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null;
}
