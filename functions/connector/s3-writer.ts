import { PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import type { S3Options } from '../../core/connector/aws/s3.ts';
import { compressorOf } from '../../core/connector/file/compressor.ts';
import { type EncoderOptions, fileEnding, lineEncoderOf, type PartEncoder } from '../../core/connector/file/encoder.ts';
import type { FileFormat } from '../../core/connector/file/file-format.ts';
import { partitionOf, safe } from '../../core/connector/file/part-name.ts';
import { InvariantError } from '../../core/error/error.ts';
import type { BatchIdentity, RecordBatch, RecordWriter } from '../../core/port/record-writer.ts';
import { calling } from '../adapter/aws-error.ts';
import { s3Options } from '../adapter/client-options.ts';
import { inLanes } from './lane.ts';
import { eachRecord, type SinkTarget } from './sink-target.ts';

const LANES = 8;

type Part = { readonly folder: string; readonly encoder: PartEncoder; records: number };

type EncoderOf = (format: FileFormat, options: EncoderOptions, columns: readonly string[] | undefined) => PartEncoder;

const linesOf: EncoderOf = (format) => {
  if (format === 'json' || format === 'text') return lineEncoderOf(format);
  throw new InvariantError(`${format} is written by the writer of tables`);
};

/**
 * Writes the records of a commit as one object for each partition, `part-UID-TASK-INCARNATION-N.ENDING`.
 *
 * The name follows from the commit, which was durable before: an object is seen once its records are committed, and a batch
 * that is written again replaces the same objects by the same bytes.
 */
export function s3Writer(
  { uid, options, address }: SinkTarget<S3Options>,
  client: S3Client = new S3Client(s3Options()),
  encoderOf: EncoderOf = linesOf,
): RecordWriter {
  const { format = 'json', prefix = '', compression = 'none' } = options;
  const ending = fileEnding(format, options);
  const put = async ({ name, encoder }: { readonly name: string; readonly encoder: PartEncoder }) => {
    const raw = encoder.finish();
    // Parquet compresses inside.
    const compressor = compressorOf(format === 'parquet' ? 'none' : compression);
    const bytes = Buffer.concat([await compressor.add(raw), await compressor.end()]);
    const command = new PutObjectCommand({ Bucket: address, Key: name, Body: bytes });
    await calling(`put s3://${address}/${name}`, () => client.send(command));
  };
  return {
    async write(batch) {
      const { parts, refused } = partsOf(batch, options, encoderOf);
      const counts = new Map<string, number>();
      const named = parts.map(({ folder, encoder }) => {
        const count = counts.get(folder) ?? 0;
        counts.set(folder, count + 1);
        return { name: `${prefix}${folder}${objectName(uid, batch.identity, count)}.${ending}`, encoder };
      });
      await inLanes(named, LANES, put);
      return refused;
    },
  };
}

function objectName(uid: string, { incarnation, task, n }: BatchIdentity, count: number): string {
  // A task is called `stage/shard`; a slash would make a folder.
  const name = `part-${safe(uid)}-${safe(task.replaceAll('/', '-'))}-${incarnation}-${String(n).padStart(12, '0')}`;
  return count === 0 ? name : `${name}-${count}`;
}

/** By partition; a record that does not fit the columns of its part begins another one. */
function partsOf(batch: RecordBatch, options: S3Options, encoderOf: EncoderOf) {
  const { format = 'json', partitionBy } = options;
  const open = new Map<string, Part>();
  const parts: Part[] = [];
  const begin = (folder: string, columns?: readonly string[]): Part => {
    const part = { folder, encoder: encoderOf(format, options, columns), records: 0 };
    open.set(folder, part);
    parts.push(part);
    return part;
  };
  const { refused } = eachRecord(batch, ({ value }) => {
    const partition = partitionOf(value, partitionBy);
    const folder = partition === '' ? '' : `${partition}/`;
    let part = open.get(folder) ?? begin(folder);
    if (!part.encoder.add(value)) {
      part = begin(folder, part.encoder.columns);
      if (!part.encoder.add(value)) throw new InvariantError('a record does not fit a new part');
    }
    part.records++;
  });
  // The only record of a part may have been refused.
  return { parts: parts.filter(({ records }) => records > 0), refused };
}
