import { KinesisClient } from '@aws-sdk/client-kinesis';
import { systemClock } from '../../core/local/system-clock.ts';
import { FrameProducer, type ProducerOptions } from '../../core/producer/frame-producer.ts';
import { clientOptions } from '../adapter/client-options.ts';
import { KinesisFrameLog } from '../adapter/kinesis-frame-log.ts';

/** Options of {@link kinesisProducer}: how events are packed, and the stream that they go to. */
export type KinesisProducerOptions<T> = ProducerOptions<T> & {
  /** The name of the stream, or its ARN. */
  readonly stream: string;
  /** Made from the environment unless given (AWS_REGION, AWS_PROFILE, AWS_ENDPOINT_URL …). */
  readonly client?: KinesisClient;
};

/**
 * A producer for a Kinesis stream that a job reads with `format: frame` (or any format: frames are seen by their first
 * bytes). Many events travel in one record, compressed, and each is processed once, whatever is tried again.
 *
 * It needs the rights kinesis:ListShards and kinesis:PutRecords on the stream.
 *
 * @example
 * const producer = kinesisProducer<Click>({ stream: 'clicks', key: (click) => click.user });
 * await producer.send({ user: 'u1', page: '/home', at: Date.now() });
 * await producer.close();
 */
export function kinesisProducer<T>({ stream, client, ...options }: KinesisProducerOptions<T>): FrameProducer<T> {
  const log = new KinesisFrameLog(client ?? new KinesisClient(clientOptions()), stream);
  return new FrameProducer<T>({ log, clock: systemClock, random: { next: Math.random } }, options);
}
