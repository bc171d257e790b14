import * as z from 'zod';
import { SCALAR_TYPES } from '../../expression/type.ts';
import {
  Column,
  Count,
  ExpressionOrReference,
  FunctionReference,
  PositiveNumber,
  PositiveSpan,
  SignedSpan,
  Span,
  wordOrReference,
} from './scalar-schema.ts';
import { Window } from './window-schema.ts';

/** Operators. What words go together is said once, in form.ts. */

const ColumnType = z.union(
  [
    z.enum(SCALAR_TYPES),
    z.array(z.unknown()).meta({ minItems: 1, maxItems: 1, items: { $ref: '#/definitions/ColumnType' } }),
    z.record(z.string(), z.unknown()).meta({ additionalProperties: { $ref: '#/definitions/ColumnType' } }),
  ],
  {
    error: () => `a type is expected: ${SCALAR_TYPES.join(', ')}, [type] for an array, or { name: type } for a record`,
  },
);

/** Nested types are checked in schema-columns.ts. */
export const Columns = z
  .record(
    z.string(),
    ColumnType.meta({
      id: 'ColumnType',
      description: 'string, int, bigint, double, boolean, timestamp, unknown, [type] or { name: type }',
    }),
  )
  .describe('The columns of the records with their types, such as { page: string, ms: int }. Names are then checked.');

const Partition = z
  .union([wordOrReference(['forward', 'rebalance', 'shuffle', 'broadcast', 'global'], 'a partitioning')], {
    error: () => 'a partitioning is expected: rebalance, shuffle, broadcast, global, or ./module.ts#name',
  })
  .describe(
    'Which subtask gets a record: rebalance, shuffle, broadcast, global, or ./module.ts#name of (record, subtasks).',
  );

const Name = z.string().min(1, { error: 'a name is expected' });
const ONE_INPUT = 'a name is expected, such as clicks, perPage.late for a side output, or a list of names';
const NO_INPUT = { error: 'the list names no input' };

const PartitionedInput = z.strictObject({
  from: z
    .union([Name, z.array(Name).min(1, NO_INPUT)], { error: () => ONE_INPUT })
    .describe('A source, an operator, a side output such as perPage.late, or a list of them.'),
  partition: Partition.exactOptional(),
});

export const Input = z
  .union(
    [Name, z.array(z.union([Name, PartitionedInput], { error: () => ONE_INPUT })).min(1, NO_INPUT), PartitionedInput],
    { error: () => ONE_INPUT },
  )
  .meta({
    id: 'Input',
    description:
      'What is read: a source, an operator, a side output such as perPage.late, or a list of them (a union); with { from, partition } handed on otherwise.',
  });

export const Parallelism = Count.describe('Subtasks, where they are not as many as those of the job.');

const EventTimeOptions = z.strictObject({
  field: Column.exactOptional().describe('The field with the time: epoch milliseconds or ISO 8601 text.'),
  from: ExpressionOrReference.exactOptional().describe(
    'An expression or ./module.ts#name that gives the time instead of a field.',
  ),
  outOfOrderness: Span.exactOptional().describe(
    'How much later than others a record may come without being late; 0s unless said.',
  ),
  watermarks: wordOrReference(['monotonous', 'none'], 'a kind of watermarks')
    .exactOptional()
    .describe(
      'monotonous where times never go back, none, or ./module.ts#name of a generator. By outOfOrderness unless said.',
    ),
  idleAfter: PositiveSpan.exactOptional().describe(
    'A split without a record for so long holds nothing back any more; never unless said.',
  ),
  maxAhead: PositiveSpan.exactOptional().describe(
    'A record so far ahead of the clock is refused; no limit unless said.',
  ),
  alignment: z
    .strictObject({
      group: z
        .string()
        .min(1, { error: 'the name of the group is empty' })
        .describe('Sources of one group wait for each other.'),
      maxDrift: PositiveSpan.describe('None runs so much ahead of the slowest.'),
    })
    .exactOptional()
    .describe('Keeps sources from running ahead of each other.'),
});

export const EventTime = z
  .union([Column, EventTimeOptions], {
    error: () => 'a field is expected, such as at, or options such as { field: at, outOfOrderness: 5s }',
  })
  .meta({ id: 'EventTime' });

const KeyBy = z
  .union([ExpressionOrReference, z.array(Column).min(1, { error: 'the list names no field' })], {
    error: () => 'a field is expected, a list of fields, an expression or ./module.ts#name',
  })
  .describe('Divides the records by key: a field, a list of fields, an expression, or ./module.ts#name.');

const On = z
  .union(
    [
      ExpressionOrReference,
      z.array(Column).min(1, { error: 'the list names no field' }),
      z.strictObject({ left: KeyBy, right: KeyBy }),
    ],
    { error: () => 'a field is expected, or { left: id, right: orderId }' },
  )
  .describe('The key that both sides have: a field, a list of fields, or { left, right } where they differ.');

const Sides = (what: string) => z.strictObject({ left: Input, right: Input, on: On }).describe(what);

const Results = z.record(z.string(), z.string());

const FunctionOrExpression = (what: string) =>
  z
    .strictObject({
      left: ExpressionOrReference.describe('For the records of the left input.'),
      right: ExpressionOrReference.describe('For the records of the right input.'),
    })
    .describe(what);

const Async = z.strictObject({
  call: FunctionReference.describe('The function of (record, signal) that gives a promise.'),
  order: z.enum(['ordered', 'unordered']).exactOptional().describe('ordered (as the records came) unless said.'),
  timeout: PositiveSpan.exactOptional().describe('Of one record, its retries included; 30s unless said.'),
  capacity: Count.exactOptional().describe('Calls under way at a time, per subtask; 100 unless said.'),
  fallback: ExpressionOrReference.exactOptional().describe(
    'What a record gives that timed out. Absent: it is a dead letter.',
  ),
  retry: z
    .strictObject({
      attempts: Count.exactOptional().describe('Tries in all; 3 unless said.'),
      delay: Span.exactOptional().describe('Before the second try; 100ms unless said.'),
      backoff: PositiveNumber.exactOptional().describe('What each further delay is multiplied by; 1 unless said.'),
      maxDelay: Span.exactOptional().describe('The longest delay; 1m unless said.'),
      onError: FunctionReference.exactOptional().describe('Which errors are tried again; all unless said.'),
      onResult: FunctionReference.exactOptional().describe('Which results are tried again; none unless said.'),
    })
    .exactOptional()
    .describe('Tries again what failed. Absent: each record is tried once.'),
});

const ColumnOrReference = ExpressionOrReference;

export const Operator = z
  .strictObject({
    input: Input.exactOptional(),
    partition: Partition.exactOptional(),
    parallelism: Parallelism.exactOptional(),
    description: z.string().exactOptional().describe('What the operator does, in a few words for plans.'),
    schema: Columns.exactOptional().describe(
      'The columns of the results, where a function makes them. Names are then checked further on.',
    ),

    filter: ExpressionOrReference.exactOptional().describe(
      "Keeps the records for which it is true: agent <> 'bot', or ./module.ts#name.",
    ),
    map: z
      .union([ExpressionOrReference, Results], {
        error: () => 'a record of expressions is expected, an expression or ./module.ts#name',
      })
      .exactOptional()
      .describe('One record for each: { column: expression }, an expression, or ./module.ts#name.'),
    addColumns: Results.exactOptional().describe(
      'The record with more columns: { column: expression }. A column of the same name is replaced.',
    ),
    flatMap: ExpressionOrReference.exactOptional().describe(
      'Any number of records for each: ./module.ts#name, or an expression that gives an array.',
    ),
    async: z
      .union([FunctionReference, Async], {
        error: () => 'a reference is expected, such as ./module.ts#name, or options with call',
      })
      .exactOptional()
      .describe(
        'An asynchronous call for each record: ./module.ts#name, or { call, timeout, capacity, order, retry, fallback }.',
      ),
    assignTimestamps: EventTime.exactOptional().describe(
      'Event time given in mid-stream: a field, or options as in eventTime.',
    ),

    keyBy: KeyBy.exactOptional(),
    process: FunctionReference.exactOptional().describe(
      'A process function: ./module.ts#name of its class, with state and timers after keyBy.',
    ),
    reduce: FunctionReference.exactOptional().describe('A function of two records that gives one: ./module.ts#name.'),
    sum: Column.exactOptional().describe('The sum of a field; the other fields are those of the first record.'),
    min: Column.exactOptional().describe('The minimum of a field; the other fields are those of the first record.'),
    max: Column.exactOptional().describe('The maximum of a field; the other fields are those of the first record.'),
    minBy: ColumnOrReference.exactOptional().describe(
      'The record with the least of a field or expression; the first of equals.',
    ),
    maxBy: ColumnOrReference.exactOptional().describe(
      'The record with the most of a field or expression; the first of equals.',
    ),

    window: Window.exactOptional().describe('Windows per key, such as { tumbling: 10s }.'),
    windowAll: Window.exactOptional().describe(
      'Windows over all records, whatever their key, such as { tumbling: 10s }.',
    ),
    aggregate: z
      .union([FunctionReference, Results], {
        error: () => 'aggregates are expected, such as { views: count(*) }, or ./module.ts#name',
      })
      .exactOptional()
      .describe(
        'Aggregates by name, such as { views: count(*), slowest: max(ms) }, or ./module.ts#name of an aggregate function.',
      ),
    apply: FunctionReference.exactOptional().describe(
      'A function of all records of a window at once: ./module.ts#name.',
    ),
    result: FunctionReference.exactOptional().describe(
      'Turns the result of aggregate or reduce into another, with the window at hand: ./module.ts#name.',
    ),

    join: Sides('Pairs of one key and one window: { left, right, on }.').exactOptional(),
    coGroup: Sides('All records of both sides of one key and one window: { left, right, on }.').exactOptional(),
    intervalJoin: Sides('Pairs of one key whose event times are near: { left, right, on }.').exactOptional(),
    between: z
      .union(
        [
          z.array(SignedSpan).length(2, { error: () => 'two durations are expected, such as [-5m, 10s]' }),
          z.strictObject({
            lower: SignedSpan.describe('How much before the left record the right one may be: -5m.'),
            upper: SignedSpan.describe('How much after the left record the right one may be: 10s.'),
            lowerInclusive: z
              .boolean()
              .exactOptional()
              .describe('Whether the lower bound belongs to it; true unless said.'),
            upperInclusive: z
              .boolean()
              .exactOptional()
              .describe('Whether the upper bound belongs to it; true unless said.'),
          }),
        ],
        { error: () => 'two durations are expected, such as [-5m, 10s]' },
      )
      .exactOptional()
      .describe('How far from the left record the right one may be: [-5m, 10s].'),
    select: Results.exactOptional().describe('The joined record: { id: left.id, paid: right.amount }.'),

    connect: z
      .strictObject({ left: Input, right: Input, on: On.exactOptional() })
      .exactOptional()
      .describe('Two streams side by side: { left, right }, with on where they share state by key.'),
    coMap: FunctionOrExpression(
      'One record for each: { left, right }, an expression or ./module.ts#name each.',
    ).exactOptional(),
    coFlatMap: FunctionOrExpression(
      'Any number of records for each: { left, right }, an expression or ./module.ts#name each.',
    ).exactOptional(),
    coProcess: FunctionReference.exactOptional().describe(
      'A process function of two inputs: ./module.ts#name of its class.',
    ),
    broadcast: Input.exactOptional().describe('What every subtask of process gets, such as rules.'),
  })
  .describe('One operator. Its name is its uid: state is found by it.');
