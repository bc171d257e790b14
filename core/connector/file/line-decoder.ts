import { reasonOf } from '../../error/error.ts';
import { mayPollute, pollutionOf } from '../pollution.ts';
import { type BlockDecoder, type BlockFault, cutRaw, type Taken } from './decoder.ts';

/**
 * Lines of a block, one record each.
 *
 * The block becomes one text and lines are slices of it: decoding UTF-8 line by line costs a call into C++ each. A byte
 * below 128 is never part of another character in UTF-8, so lines of the text and of the bytes are the same ones, also
 * where bytes are no UTF-8; positions in bytes are found by counting line ends, only when asked for.
 */
const LINE_FEED = 10;
const REPLACEMENT = '\ufffd';
const utf8 = new TextDecoder('utf-8', { fatal: true });

type Lines = {
  block: Buffer;
  text: string;
  /** Of the next line, in the text. */
  start: number;
  line: number;
  /** Of the line `knownLine`, in the block: where counting goes on. */
  knownBytes: number;
  knownLine: number;
  /** True where some line is not UTF-8, and so every line must be looked at. */
  mayBeBroken: boolean;
};

function noLines(): Lines {
  return { block: Buffer.alloc(0), text: '', start: 0, line: 0, knownBytes: 0, knownLine: 0, mayBeBroken: false };
}

function beginLines(lines: Lines, block: Buffer): void {
  lines.block = block;
  lines.text = block.toString('utf8');
  lines.start = 0;
  lines.line = 0;
  lines.knownBytes = 0;
  lines.knownLine = 0;
  lines.mayBeBroken = lines.text.includes(REPLACEMENT);
}

/** The next line with its end taken off, and without the carriage return. */
function nextLine(lines: Lines): string {
  const { text, start } = lines;
  const found = text.indexOf('\n', start);
  const end = found === -1 ? text.length : found;
  lines.start = end + 1;
  lines.line++;
  return text.slice(start, end > start && text.charCodeAt(end - 1) === 13 ? end - 1 : end);
}

function takenLines(lines: Lines): Taken {
  const { block, text, start, line } = lines;
  if (start >= text.length) return { bytes: block.length, lines: line };
  // Equal lengths: each byte became one character, so places in the text are places in the block.
  if (text.length === block.length) return { bytes: start, lines: line };
  for (; lines.knownLine < line; lines.knownLine++) {
    lines.knownBytes = block.indexOf(LINE_FEED, lines.knownBytes) + 1;
  }
  return { bytes: lines.knownBytes, lines: line };
}

/** Call after `nextLine`: why that line is no text. */
function brokenText(lines: Lines, line: string): string | undefined {
  if (!lines.mayBeBroken || !line.includes(REPLACEMENT)) return undefined;
  const end = takenLines(lines).bytes;
  const start = end < 2 ? 0 : lines.block.lastIndexOf(LINE_FEED, end - 2) + 1;
  try {
    utf8.decode(lines.block.subarray(start, end));
    return undefined;
  } catch {
    return 'not UTF-8; convert the file, as with iconv -t UTF-8';
  }
}

/** JSON Lines: one object per line; empty lines are no records. */
export function jsonLineDecoder(): BlockDecoder {
  const lines = noLines();
  let suspicious = false;
  return {
    lastEnd: (bytes) => bytes.lastIndexOf(LINE_FEED) + 1,
    begin(block) {
      beginLines(lines, block);
      suspicious = lines.mayBeBroken || mayPollute(lines.text);
    },
    decode(limit, values, faults) {
      const end = lines.text.length;
      while (values.length < limit && lines.start < end) {
        const line = nextLine(lines);
        let value: unknown;
        try {
          value = JSON.parse(line);
        } catch (error) {
          if (line.trim() !== '') faults.push(jsonFault(lines, line, `${reasonOf(error)}; ${ONE_PER_LINE}`));
          continue;
        }
        if (typeof value !== 'object' || value === null || Array.isArray(value)) {
          faults.push(jsonFault(lines, line, `not an object; ${ONE_PER_LINE}`));
          continue;
        }
        const reason = suspicious ? (brokenText(lines, line) ?? pollution(line, value)) : undefined;
        if (reason === undefined) values.push(value);
        else faults.push(jsonFault(lines, line, reason));
      }
      return lines.start < end;
    },
    taken: () => takenLines(lines),
  };
}

const ONE_PER_LINE = 'JSON Lines holds one object per line';

function jsonFault(lines: Lines, line: string, reason: string): BlockFault {
  return { reason, raw: cutRaw(line), line: lines.line - 1 };
}

function pollution(line: string, value: unknown): string | undefined {
  return mayPollute(line) ? pollutionOf(value) : undefined;
}

/** Plain text: each line is a record `{ line }`, empty ones too. */
export function textLineDecoder(): BlockDecoder<{ readonly line: string }> {
  const lines = noLines();
  return {
    lastEnd: (bytes) => bytes.lastIndexOf(LINE_FEED) + 1,
    begin: (block) => beginLines(lines, block),
    decode(limit, values, faults) {
      const end = lines.text.length;
      while (values.length < limit && lines.start < end) {
        const line = nextLine(lines);
        const reason = brokenText(lines, line);
        if (reason === undefined) values.push({ line });
        else faults.push(jsonFault(lines, line, reason));
      }
      return lines.start < end;
    },
    taken: () => takenLines(lines),
  };
}
