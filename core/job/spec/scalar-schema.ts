import * as z from 'zod';
import { parseDuration } from '../../time/duration.ts';
import { looksLikeReference, parseReference, referenceFault } from './reference.ts';

/** The scalars of a job spec. Every schema says what is wrong and how to write it right. */

const DURATION_PATTERN = '^-?\\s*(\\d+(\\.\\d+)?\\s*(ms|s|m|h|d)\\s*)+$';
const REFERENCE_PATTERN = '^\\.{0,2}/[^#]+#[A-Za-z_$][\\w$]*$';

const quoted = (value: unknown): string => JSON.stringify(value);

function durationFrom(id: string, least: number, inclusive: boolean, bound: string) {
  const fits = (ms: number): boolean => (inclusive ? ms >= least : ms > least);
  return z
    .union(
      [
        z
          .string()
          .superRefine((text, { addIssue }) => {
            const ms = parseDuration(text);
            if (ms === undefined) addIssue(`${quoted(text)} is not a duration; write one like 500ms, 10s or 2h`);
            else if (!fits(ms)) addIssue(`${quoted(text)} is not ${bound}`);
          })
          .meta({ pattern: DURATION_PATTERN }),
        z.number().superRefine((ms, { addIssue }) => {
          if (!fits(ms)) addIssue(`${ms} ms is not ${bound}`);
        }),
      ],
      { error: ({ input }) => `${quoted(input)} is not a duration; write one like 500ms, 10s or 2h` },
    )
    .meta({ id });
}

/** Whether a schema is that of a duration written as text. */
export function isDurationText(schema: z.core.$ZodType): boolean {
  return z.globalRegistry.get(schema)?.pattern === DURATION_PATTERN;
}

/** A span of time from 0 up: text such as `10s`, or a number of milliseconds. */
export const Span = durationFrom('Duration', 0, true, 'from 0 up');
/** A span of time above 0. */
export const PositiveSpan = durationFrom('PositiveDuration', 0, false, 'above 0');
/** A span of time, which may go back: `-5m`. */
export const SignedSpan = durationFrom('SignedDuration', Number.NEGATIVE_INFINITY, true, 'a duration');

/** A user's function. */
export const FunctionReference = z
  .string()
  .superRefine((text, { addIssue }) => {
    const fault = referenceFault(text);
    if (fault !== undefined) addIssue(fault);
  })
  .meta({ id: 'Reference', pattern: REFERENCE_PATTERN });

/** One of some words, or a user's function; `what` is what a text that is neither is not. */
export function wordOrReference(words: readonly string[], what: string) {
  return z
    .string()
    .superRefine((text, { addIssue }) => {
      if (words.includes(text) || parseReference(text) !== undefined) return;
      if (looksLikeReference(text)) addIssue(referenceFault(text) ?? '');
      else addIssue(`${quoted(text)} is not ${what}; use ${words.join(', ')}, or ./module.ts#name`);
    })
    .meta({ anyOf: [{ enum: [...words] }, { pattern: REFERENCE_PATTERN }] });
}

/** An expression, or a user's function where the text begins with `./`. */
export const ExpressionOrReference = z.string().superRefine((text, { addIssue }) => {
  const fault = looksLikeReference(text) ? referenceFault(text) : undefined;
  if (fault !== undefined) addIssue(fault);
});

export const Count = z
  .number()
  .superRefine((count, { addIssue }) => {
    if (!Number.isSafeInteger(count) || count < 1) addIssue(`${count} is not a whole number above 0`);
  })
  .meta({ type: 'integer', minimum: 1 });
export const WholeNumber = z
  .number()
  .superRefine((count, { addIssue }) => {
    if (!Number.isSafeInteger(count) || count < 0) addIssue(`${count} is not a whole number from 0 up`);
  })
  .meta({ type: 'integer', minimum: 0 });
export const PositiveNumber = z
  .number()
  .superRefine((number, { addIssue }) => {
    if (!(number > 0)) addIssue(`${number} is not above 0`);
  })
  .meta({ exclusiveMinimum: 0 });

/** The name of a column, or of a field below it in SQL's notation where a schema says so. */
export const Column = z.string().min(1, { error: 'the name of a column is empty' });
