import { JobSpecError } from '../error/error.ts';
import { type Duration, parseDuration } from '../time/duration.ts';
import type { RecordRandom } from './record-random.ts';

/** How the values of a field are made. */
export type DatagenField =
  /** `start`, `start + step`, …; from 0 by 1 unless said. */
  | { readonly kind: 'sequence'; readonly start?: number; readonly step?: number }
  /** Whole numbers from `min` to `max`, both included. */
  | { readonly kind: 'int'; readonly min: number; readonly max: number }
  /** From `min` (included) to `max` (not). */
  | { readonly kind: 'double'; readonly min: number; readonly max: number }
  /** Hexadecimal digits; 16 of them unless said. */
  | { readonly kind: 'string'; readonly length?: number }
  /** One of the values, each as likely as its weight; all alike unless said. */
  | { readonly kind: 'enum'; readonly values: readonly unknown[]; readonly weights?: readonly number[] }
  /** True with a probability of 0.5 unless said. */
  | { readonly kind: 'boolean'; readonly probability?: number }
  /** Epoch milliseconds: record n stands `every` (1 s) after record n - 1, moved back by up to `jitter` (0). */
  | {
      readonly kind: 'timestamp';
      /** Epoch milliseconds or ISO text; 2024-01-01T00:00:00Z unless said. */
      readonly start?: number | string;
      readonly every?: Duration;
      readonly jitter?: Duration;
    }
  /** Text in the form of a random UUID (version 4). */
  | { readonly kind: 'uuid' }
  | { readonly kind: 'constant'; readonly value: unknown };

export type FieldGenerator = (number: number, random: RecordRandom) => unknown;

/** The longest generated text, lest a typing error fill the memory. */
const MAX_STRING_LENGTH = 1_048_576;
const DEFAULT_START = Date.UTC(2024, 0, 1);

/** @throws JobSpecError naming `path`, where the field makes no sense. */
export function fieldGenerator(field: DatagenField, path: string): FieldGenerator {
  switch (field.kind) {
    case 'sequence': {
      const { start = 0, step = 1 } = field;
      if (typeof start !== 'number') throw refused(path, `start ${JSON.stringify(start)} is not a number`);
      return (number) => start + number * step;
    }
    case 'int': {
      const { min, max } = field;
      if (!Number.isSafeInteger(min) || !Number.isSafeInteger(max) || max < min) {
        throw refused(path, `min ${min} and max ${max} are not whole numbers in order`);
      }
      return (_number, random) => min + random.below(max - min + 1);
    }
    case 'double': {
      const { min, max } = field;
      if (!(max >= min)) throw refused(path, `max ${max} is below min ${min}`);
      return (_number, random) => min + random.next() * (max - min);
    }
    case 'string':
      return stringGenerator(field.length ?? 16, path);
    case 'enum':
      return enumGenerator(field.values, field.weights, path);
    case 'boolean': {
      const { probability = 0.5 } = field;
      return (_number, random) => random.next() < probability;
    }
    case 'timestamp':
      return timestampGenerator(field, path);
    case 'uuid':
      return (_number, random) => uuid(random);
    case 'constant':
      return () => field.value;
  }
}

function refused(path: string, message: string): JobSpecError {
  return new JobSpecError([{ path, message }]);
}

function hexadecimal(random: RecordRandom): string {
  return random.uint32().toString(16).padStart(8, '0');
}

function stringGenerator(length: number, path: string): FieldGenerator {
  if (!Number.isSafeInteger(length) || length < 0 || length > MAX_STRING_LENGTH) {
    throw refused(path, `length ${length} is not between 0 and ${MAX_STRING_LENGTH}`);
  }
  return (_number, random) => {
    let text = '';
    while (text.length < length) text += hexadecimal(random);
    return text.slice(0, length);
  };
}

function enumGenerator(
  values: readonly unknown[] = [],
  weights: readonly number[] | undefined,
  path: string,
): FieldGenerator {
  if (values.length === 0) throw refused(path, 'it has no values; give at least one');
  if (weights === undefined) return (_number, random) => values[random.below(values.length)];
  if (weights.length !== values.length || weights.some((weight) => !(weight >= 0))) {
    throw refused(path, `${values.length} values need as many weights from 0 up`);
  }
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  return (_number, random) => {
    let left = random.next() * total;
    for (const [index, weight] of weights.entries()) {
      if (left < weight) return values[index];
      left -= weight;
    }
    return values.at(-1);
  };
}

function timestampGenerator(field: Extract<DatagenField, { kind: 'timestamp' }>, path: string): FieldGenerator {
  const start = typeof field.start === 'string' ? Date.parse(field.start) : (field.start ?? DEFAULT_START);
  const everyMs = parseDuration(field.every ?? 1_000);
  const jitterMs = parseDuration(field.jitter ?? 0);
  if (!Number.isSafeInteger(start)) throw refused(path, `start ${JSON.stringify(field.start)} is no time`);
  if (everyMs === undefined || jitterMs === undefined || jitterMs < 0) {
    throw refused(path, 'every and jitter are durations, such as 500ms or 10s');
  }
  return (number, random) => {
    const back = jitterMs === 0 ? 0 : random.below(jitterMs + 1);
    return start + Math.floor(number * everyMs) - back;
  };
}

function uuid(random: RecordRandom): string {
  const text = hexadecimal(random) + hexadecimal(random) + hexadecimal(random) + hexadecimal(random);
  const variant = (8 + random.below(4)).toString(16);
  return `${text.slice(0, 8)}-${text.slice(8, 12)}-4${text.slice(13, 16)}-${variant}${text.slice(17, 20)}-${text.slice(20)}`;
}
