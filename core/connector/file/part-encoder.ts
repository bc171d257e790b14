import { csvEncoder } from './csv-encoder.ts';
import { type EncoderOptions, lineEncoderOf, type PartEncoder } from './encoder.ts';
import type { FileFormat } from './file-format.ts';
import { parquetEncoder } from './parquet-encoder.ts';

/** The encoder of a part; `columns` are those that the part before it came to. */
export function encoderOf(
  format: FileFormat,
  options: EncoderOptions,
  columns: readonly string[] | undefined,
): PartEncoder {
  switch (format) {
    case 'json':
    case 'text':
      return lineEncoderOf(format);
    case 'csv':
      return csvEncoder(options, columns);
    case 'parquet':
      return parquetEncoder(options, columns);
  }
}
