import * as z from 'zod';
import {
  Count,
  ExpressionOrReference,
  FunctionReference,
  PositiveSpan,
  SignedSpan,
  Span,
  wordOrReference,
} from './scalar-schema.ts';

/** Windows, their triggers and their evictors. What words go together is checked in choice.ts. */

const TRIGGER_WORDS = ['eventTime', 'processingTime', 'endOfStream', 'never'] as const;

const TriggerOptions = {
  eventTime: z.literal(true).exactOptional().describe('When the watermark passes the end of the window.'),
  processingTime: z.literal(true).exactOptional().describe('When the clock passes the end of the window.'),
  endOfStream: z.literal(true).exactOptional().describe('When the input ends.'),
  never: z.literal(true).exactOptional().describe('Never.'),
  count: Count.exactOptional().describe('After so many records.'),
  continuousEventTime: PositiveSpan.exactOptional().describe('Again and again, so often in event time.'),
  continuousProcessingTime: PositiveSpan.exactOptional().describe('Again and again, so often by the clock.'),
  delta: z.number().exactOptional().describe('When a value differs from that of the last firing by more than this.'),
  of: ExpressionOrReference.exactOptional().describe(
    'The value of delta: an expression, or ./module.ts#name of a function of the record before and this one that gives the difference.',
  ),
  custom: FunctionReference.exactOptional().describe('A trigger of your own: ./module.ts#name.'),
};

const Trigger = z
  .union(
    [
      wordOrReference(TRIGGER_WORDS, 'a trigger, of which some have options, such as { count: 100 }'),
      z.strictObject({
        ...TriggerOptions,
        purging: z.literal(true).exactOptional().describe('Empty the window each time that it fires.'),
      }),
    ],
    {
      error: () =>
        `a trigger is expected: ${TRIGGER_WORDS.join(', ')}, one such as { count: 100 }, or ./module.ts#name`,
    },
  )
  .meta({ id: 'Trigger', description: 'When the window fires. Absent: when its time is over.' });

const Evictor = z
  .union(
    [
      FunctionReference,
      z.strictObject({
        count: Count.exactOptional().describe('Keep the last so many records.'),
        time: PositiveSpan.exactOptional().describe('Keep the records that are at most so much older than the newest.'),
        delta: z
          .number()
          .exactOptional()
          .describe('Keep the records whose value differs from that of the last by less.'),
        of: ExpressionOrReference.exactOptional().describe(
          'The value of delta: an expression, or ./module.ts#name of a function of a record and the last one that gives the difference.',
        ),
        custom: FunctionReference.exactOptional().describe('An evictor of your own: ./module.ts#name.'),
        after: z.boolean().exactOptional().describe('True: after the function of the window; before it unless said.'),
      }),
    ],
    { error: () => 'an evictor is expected, such as { count: 10 } or ./module.ts#name' },
  )
  .meta({
    id: 'Evictor',
    description: 'What is taken out of a window before its function; all records are kept until then.',
  });

const WindowOptions = z.strictObject({
  tumbling: PositiveSpan.exactOptional().describe('Windows of this size, one after the other.'),
  sliding: PositiveSpan.exactOptional().describe('Windows of this size, a new one every slide.'),
  slide: PositiveSpan.exactOptional().describe(
    'Of sliding: from one window to the next. Of count: after how many records.',
  ),
  session: z
    .union([PositiveSpan, FunctionReference], { error: () => 'a duration is expected, such as 30s' })
    .exactOptional()
    .describe('Windows that end after so long without a record; ./module.ts#name gives each record its own gap in ms.'),
  count: Count.exactOptional().describe('Windows of so many records.'),
  global: z.literal(true).exactOptional().describe('One window, which fires by its trigger alone.'),
  endOfStream: z.literal(true).exactOptional().describe('One window, which fires when the input ends.'),
  offset: SignedSpan.exactOptional().describe('Of tumbling and sliding: shifts where windows begin, such as 8h.'),
  time: z.enum(['event', 'processing']).exactOptional().describe('By which time; event unless said.'),
  allowedLateness: Span.exactOptional().describe(
    'How long after its end a window takes late records and gives an updated result; 0s unless said.',
  ),
  trigger: Trigger.exactOptional(),
  evictor: Evictor.exactOptional(),
});

export const Window = z
  .union([z.enum(['global', 'endOfStream']), WindowOptions], {
    error: () => 'a window is expected, such as { tumbling: 10s }',
  })
  .meta({ id: 'Window' });
