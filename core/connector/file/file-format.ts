import { JobSpecError } from '../../error/error.ts';

/** `json` is JSON Lines: one object per line. `text` gives records with one field, `line`. */
export type FileFormat = 'json' | 'csv' | 'parquet' | 'text';
export type Compression = 'none' | 'gzip' | 'zstd';

const FORMAT_OF_ENDING: { readonly [ending: string]: FileFormat } = {
  json: 'json',
  jsonl: 'json',
  ndjson: 'json',
  csv: 'csv',
  tsv: 'csv',
  parquet: 'parquet',
  txt: 'text',
  log: 'text',
};

const COMPRESSION_OF_ENDING: { readonly [ending: string]: Compression } = {
  gz: 'gzip',
  gzip: 'gzip',
  zst: 'zstd',
  zstd: 'zstd',
};

/** How many bytes `compressionOfBytes` looks at. */
export const MAGIC_BYTES = 4;

/** The compression that a file's first bytes show. */
export function compressionOfBytes(head: Uint8Array): Compression {
  if (head[0] === 0x1f && head[1] === 0x8b) return 'gzip';
  if (head[0] === 0x28 && head[1] === 0xb5 && head[2] === 0x2f && head[3] === 0xfd) return 'zstd';
  return 'none';
}

/** `clicks.jsonl.gz` is JSON Lines in gzip; a part is undefined where the name says nothing. */
export function formatOfName(path: string): { format: FileFormat | undefined; compression: Compression | undefined } {
  const endings = path.toLowerCase().split('.').slice(1);
  const compression = COMPRESSION_OF_ENDING[endings.at(-1) ?? ''];
  const format = FORMAT_OF_ENDING[endings.at(compression === undefined ? -1 : -2) ?? ''];
  return { format, compression };
}

/** @throws JobSpecError where neither the option nor the name says the format. */
export function formatOf(path: string, format: FileFormat | undefined): FileFormat {
  const found = format ?? formatOfName(path).format;
  if (found !== undefined) return found;
  const message = `the name ${path} does not tell its format; say format: json, csv, parquet or text`;
  throw new JobSpecError([{ path: 'file.format', message }]);
}
