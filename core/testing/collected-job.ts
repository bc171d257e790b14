import type { DeadLetter } from '../chain/dead-letter.ts';
import { type Collect, collect } from '../connector/collect.ts';
import type { Source } from '../connector/source.ts';
import { type Fault, JobSpecError } from '../error/error.ts';
import type { Graph, SinkNode } from '../graph/node.ts';
import { replaceConnectors } from '../graph/replace.ts';

/** What a job under test has given: by the name of a sink, and of a side output such as `perPage.late`. */
export type Outputs<Results> = {
  readonly sinks: { readonly [Name in keyof Results]: readonly Results[Name][] };
  readonly sides: { readonly [name: string]: readonly unknown[] };
  readonly deadLetters: readonly DeadLetter[];
};

/** A job whose sinks collect, with its sources replaced. */
export type CollectedJob<Results> = {
  readonly graph: Graph;
  readonly outputs: Outputs<Results>;
  readonly deadLetters: { write(letter: DeadLetter): void; flush(): Promise<void> };
};

type Parts = {
  readonly sources: { readonly [name: string]: Source };
  /** Side outputs to collect that the job does not send to a sink. */
  readonly sides: readonly string[];
};

export function collectedJob<Results>(job: Graph, { sources, sides }: Parts): CollectedJob<Results> {
  const missing = job.nodes.filter(({ kind, uid }) => kind === 'source' && !Object.hasOwn(sources, uid));
  if (missing.length > 0) throw new JobSpecError(missing.map(({ uid }) => notGiven(uid)));
  const names = job.nodes.filter(({ kind }) => kind === 'sink').map(({ uid }) => uid);
  const sinks = collectors(names);
  const read = collectors(sides);
  const replaced = replaceConnectors(job, { sources, sinks });
  const readers = sides.map((side) => readerOf(job, side, read[side] as Collect<unknown>));
  const letters: DeadLetter[] = [];
  return {
    graph: { ...replaced, nodes: [...replaced.nodes, ...readers] },
    outputs: { sinks: valuesOf(sinks) as Outputs<Results>['sinks'], sides: valuesOf(read), deadLetters: letters },
    deadLetters: { write: (letter) => void letters.push(letter), flush: () => Promise.resolve() },
  };
}

function collectors(names: readonly string[]): Record<string, Collect<unknown>> {
  return Object.fromEntries(names.map((name) => [name, collect<unknown>()]));
}

function valuesOf(collected: Record<string, Collect<unknown>>): Record<string, readonly unknown[]> {
  return Object.fromEntries(Object.entries(collected).map(([name, { values }]) => [name, values]));
}

function notGiven(uid: string): Fault {
  return { path: `sources.${uid}`, message: 'it is not given; give [] where it has nothing to say' };
}

/** A sink on a side output, by its name in a spec: `perPage.late`. */
function readerOf({ nodes, name }: Graph, side: string, sink: Collect<unknown>): SinkNode {
  const dot = side.lastIndexOf('.');
  const [from, output] = [side.slice(0, dot), side.slice(dot + 1)];
  if (!nodes.some(({ kind, uid }) => kind === 'operator' && uid === from)) {
    throw new JobSpecError([
      { path: `sides.${side}`, message: `${name} has no operator "${from}"; write OPERATOR.TAG` },
    ]);
  }
  const inputs = [{ from, output, port: 0, partitioning: { kind: 'forward' } }] as const;
  return { kind: 'sink', uid: `side output ${side}`, uidGiven: true, sink, inputs };
}
