/** The door `millrace/producer`: packs events into a source stream. */
export { PoisonRecordError, RetryableError } from '../../core/error/error.ts';
export type { FrameProducer, ProducerOptions } from '../../core/producer/frame-producer.ts';
export { type KinesisProducerOptions, kinesisProducer } from './kinesis-producer.ts';
