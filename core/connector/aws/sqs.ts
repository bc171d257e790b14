import { JobSpecError } from '../../error/error.ts';
import type { Row } from '../file/file.ts';
import type { LogSource } from '../log-source.ts';
import type { Sink } from '../sink.ts';
import type { Source } from '../source.ts';
import { deployedSink, pushedSource } from './deployed.ts';
import { entryDecoder } from './entry-decoder.ts';
import { fromMessages } from './queued-message.ts';

/** Options of the word `sqs`. */
export type SqsOptions = {
  /** The name of the queue, or its ARN. */
  readonly queue: string;
  /** `json` (an object per message) unless said, or `text`. */
  readonly format?: 'json' | 'text';
  /** Sink, of a queue that ends in `.fifo`: the field whose value is the message group; absent: one group per task. */
  readonly group?: string;
};

/** An SQS queue, on whichever side of a job it stands. */
export type SqsConnector<T> = { readonly source: Source<T>; readonly sink: Sink };

/**
 * An SQS queue. As a source each message is processed at least once: of a FIFO queue those of one group in their order, else
 * in no particular one. A record's timestamp is when its message was sent. As a sink each record is sent at least once, and
 * to a FIFO queue once within the five minutes in which it drops repetitions.
 *
 * @throws JobSpecError where a source is given a group
 * @example
 * spikes.to('alerts', sqs({ queue: 'alerts' }));
 */
export function sqs<T = Row>(options: SqsOptions): SqsConnector<T> {
  const parts = { word: 'sqs', options, resource: { kind: 'sqs-queue', name: options.queue } } as const;
  return {
    get source() {
      if (options.group !== undefined) {
        throw new JobSpecError([{ path: 'sqs.group', message: 'a source has no group; leave it out' }]);
      }
      const decode = fromMessages(entryDecoder({ format: options.format ?? 'json' }));
      return pushedSource<T>(parts, decode as LogSource<T>['decode']);
    },
    get sink() {
      return deployedSink({ ...parts, guarantee: 'at-least-once' });
    },
  };
}
