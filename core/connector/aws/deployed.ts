import { JobSpecError } from '../../error/error.ts';
import type { LogSource } from '../log-source.ts';
import type { SinkResource, SourceResource } from '../resource.ts';
import type { Sink } from '../sink.ts';
import type { Source } from '../source.ts';

/**
 * Connectors that work where the job is deployed, and are data until then: a word and its options, from which a stage's
 * function makes the reader or writer. So a job can be checked, planned and drawn without a client of AWS.
 */
type SourceParts = {
  readonly word: string;
  readonly options: object;
  readonly resource: SourceResource;
};
type SinkParts = {
  readonly word: string;
  readonly options: object;
  readonly resource: SinkResource;
  readonly guarantee: Sink['guarantee'];
  /** For plans and messages; the resource's name unless given. */
  readonly at?: string;
  /** The word of its writer, where one word has several. */
  readonly writer?: string;
};

/** A source that is read when the job is deployed, split by split. */
export function deployedSource<T>({ word, options, resource }: SourceParts): Source<T> {
  const name = `${word} ${resource.name}`;
  const refuse = () => Promise.reject(new JobSpecError([{ path: name, message: elsewhere('source') }]));
  return { name, bounded: true, resource, deployed: { word, options }, splits: refuse, open: refuse };
}

/** A source whose entries are pushed to a stage when the job is deployed. */
export function pushedSource<T>(parts: SourceParts, decode: LogSource<T>['decode']): LogSource<T> {
  return { ...deployedSource<T>(parts), bounded: false, decode };
}

export function deployedSink<T>({ word, options, resource, guarantee, at, writer = word }: SinkParts): Sink<T> {
  const name = `${word} ${at ?? ('name' in resource ? resource.name : '')}`;
  const refuse = () => Promise.reject(new JobSpecError([{ path: name, message: elsewhere('sink') }]));
  return { name, guarantee, resource, deployed: { word: writer, options }, open: refuse };
}

/** What to say of such an end of a job that is to run on one machine. */
export function elsewhere(side: 'source' | 'sink', uid = 'NAME'): string {
  const other =
    side === 'source'
      ? `${uid}=FILE, or ${uid}=- for standard input`
      : `${uid}=FOLDER, or ${uid}=- for standard output`;
  return `it works only where the job is deployed; replace it for a run on this machine: --${side} ${other}`;
}
