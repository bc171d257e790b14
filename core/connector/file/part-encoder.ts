import { csvEncoder } from './csv-encoder.ts';
import { type EncoderOptions, jsonEncoder, type PartEncoder, rowOf, textEncoder } from './encoder.ts';
import type { FileFormat } from './file-format.ts';
import { parquetEncoder } from './parquet-encoder.ts';
import { safe } from './part-name.ts';

/** The encoder of a part; `columns` are those that the part before it came to. */
export function encoderOf(
  format: FileFormat,
  options: EncoderOptions,
  columns: readonly string[] | undefined,
): PartEncoder {
  switch (format) {
    case 'json':
      return jsonEncoder();
    case 'text':
      return textEncoder();
    case 'csv':
      return csvEncoder(options, columns);
    case 'parquet':
      return parquetEncoder(options, columns);
  }
}

/** The folder of a record, `field=value`; empty where nothing is partitioned. */
export function partitionOf(value: unknown, field: string | undefined): string {
  if (field === undefined) return '';
  const found = rowOf(value, 'partitioned')[field] ?? '__null__';
  return `${safe(field)}=${safe(found instanceof Date ? found.toISOString() : String(found))}`;
}
