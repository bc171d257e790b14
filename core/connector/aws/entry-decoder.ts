import { CorruptBytesError } from '../../codec/byte-reader.ts';
import { reasonOf } from '../../error/error.ts';
import { type CsvOptions, columnsOf, single } from '../file/csv-columns.ts';
import { csvRows } from '../file/csv-rows.ts';
import { type BlockDecoder, type BlockFault, cutRaw } from '../file/decoder.ts';
import { jsonLineDecoder, textLineDecoder } from '../file/line-decoder.ts';
import type { DecodedEntry, SourceEntry } from '../log-source.ts';
import { mayPollute } from '../pollution.ts';
import type { DecodeFault } from '../source.ts';
import { isAggregate, recordsOfAggregate } from './kpl-record.ts';

/** Makes records of an entry of a stream or queue. */
export type EntryDecoder = (entry: SourceEntry) => DecodedEntry;

export type EntryFormat = CsvOptions & { readonly format?: 'json' | 'csv' | 'text' };

/** JSON unless said: one object, which may stand on several lines, or one object per line. */
export function entryDecoder({ format = 'json', ...csv }: EntryFormat): EntryDecoder {
  switch (format) {
    case 'json':
      return jsonDecoder();
    case 'csv':
      return csvEntryDecoder(csv);
    case 'text':
      return blockDecoder(textLineDecoder());
  }
}

/** As `decode` says, after an aggregate of the Kinesis Producer Library was taken apart. */
export function deaggregating(decode: EntryDecoder): EntryDecoder {
  return (entry) => {
    if (!isAggregate(entry.bytes)) return decode(entry);
    let parts: readonly Uint8Array[];
    try {
      parts = recordsOfAggregate(entry.bytes);
    } catch (error) {
      if (!(error instanceof CorruptBytesError)) throw error;
      const raw = cutRaw(bufferOf(entry.bytes).toString('base64'));
      return {
        values: [],
        faults: [{ reason: `an aggregate that is broken: ${error.message}`, raw, place: entry.place }],
      };
    }
    const decoded = parts.map((bytes, index) => decode({ ...entry, bytes, place: `${entry.place}:${index + 1}` }));
    const faults = decoded.flatMap((part) => part.faults ?? []);
    return { values: decoded.flatMap(({ values }) => values), ...(faults.length > 0 && { faults }) };
  };
}

/** The quick way for what most entries are; anything else goes the way of files, which finds what is wrong. */
function jsonDecoder(): EntryDecoder {
  const lines = blockDecoder(jsonLineDecoder());
  return (entry) => {
    const text = bufferOf(entry.bytes).toString('utf8');
    if (!mayPollute(text) && !text.includes('\ufffd')) {
      try {
        const value: unknown = JSON.parse(text);
        if (typeof value === 'object' && value !== null && !Array.isArray(value)) return { values: [value] };
      } catch {
        // Several lines, or a fault.
      }
    }
    return lines(entry);
  };
}

/** Rows without a header line. */
function csvEntryDecoder(options: CsvOptions): EntryDecoder {
  const delimiter = single(options.delimiter ?? ',', 'delimiter');
  const quote = single(options.quote ?? '"', 'quote');
  const columns = columnsOf(options, options.columns ?? []);
  return ({ bytes, place }) => {
    const values: unknown[] = [];
    const faults: DecodeFault[] = [];
    for (const { raw, cells, reason } of csvRows(bufferOf(bytes).toString('utf8'), delimiter, quote)) {
      if (raw === '') continue;
      try {
        if (reason !== undefined) throw new TypeError(reason);
        values.push(columns?.record(cells));
      } catch (error) {
        faults.push({ reason: reasonOf(error), raw: cutRaw(raw), place });
      }
    }
    return { values, ...(faults.length > 0 && { faults }) };
  };
}

function blockDecoder(decoder: BlockDecoder): EntryDecoder {
  return ({ bytes, place }) => {
    const values: unknown[] = [];
    const faults: BlockFault[] = [];
    decoder.begin(bufferOf(bytes));
    while (decoder.decode(Number.POSITIVE_INFINITY, values, faults));
    return { values, ...(faults.length > 0 && { faults: faults.map((fault) => placed(fault, place)) }) };
  };
}

function placed({ reason, raw }: BlockFault, place: string): DecodeFault {
  return { reason, raw, place };
}

function bufferOf(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
