import { S3Client } from '@aws-sdk/client-s3';
import type { S3Options } from '../../core/connector/aws/s3.ts';
import { encoderOf } from '../../core/connector/file/part-encoder.ts';
import type { RecordWriter } from '../../core/port/record-writer.ts';
import { s3Options } from '../adapter/client-options.ts';
import { s3Writer } from './s3-writer.ts';
import type { SinkTarget } from './sink-target.ts';

/** The writer of objects in CSV and Parquet; see {@link s3Writer}. */
export function s3TableWriter(
  target: SinkTarget<S3Options>,
  client: S3Client = new S3Client(s3Options()),
): RecordWriter {
  return s3Writer(target, client, encoderOf);
}
