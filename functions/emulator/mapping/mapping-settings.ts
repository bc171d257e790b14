import { type Fault, JobSpecError } from '../../../core/error/error.ts';
import type { Properties } from '../template/template.ts';

/** An event source mapping, as far as it decides what a function is given. */
export type MappingSettings = {
  readonly kind: 'kinesis' | 'sqs';
  /** The stream or queue. */
  readonly source: string;
  /** The ARN of the function, its version or its alias. */
  readonly target: string;
  readonly batchSize: number;
  readonly windowMs: number;
  readonly start: Start;
  /** A batch that failed is tried again in halves. */
  readonly bisect: boolean;
  /** The answer of the function names what failed. */
  readonly reportsFailures: boolean;
  /** Pushed by a consumer of its own (enhanced fan-out), and not read once a second. */
  readonly fanOut: boolean;
  /** How many batches of a queue are under way at most. */
  readonly maxConcurrency: number;
};

export type Start =
  | { readonly kind: 'oldest' }
  | { readonly kind: 'newest' }
  | { readonly kind: 'at'; readonly ms: number };

/** What Lambda itself takes where nothing is said. */
const DEFAULT_BATCH = { kinesis: 100, sqs: 10 } as const;
const DEFAULT_QUEUE_CONCURRENCY = 5;

/**
 * Reads the properties of an `AWS::Lambda::EventSourceMapping`. Of a stream only what keeps its records whole and in order
 * is run (protocol P11): what may skip, drop or reorder them is refused by its name.
 *
 * @throws JobSpecError with all that is refused
 */
export function readMapping(logicalId: string, properties: Properties, isInbox: boolean): MappingSettings {
  const source = String(properties.EventSourceArn);
  const kind = source.startsWith('arn:aws:kinesis:')
    ? 'kinesis'
    : source.startsWith('arn:aws:sqs:')
      ? 'sqs'
      : undefined;
  if (kind === undefined) throw new JobSpecError([{ path: logicalId, message: `no emulator polls ${source}` }]);
  const faults = kind === 'kinesis' ? streamFaults(properties, isInbox) : [];
  if (faults.length > 0) {
    throw new JobSpecError(faults.map(({ path, message }): Fault => ({ path: `${logicalId}.${path}`, message })));
  }
  const types = (properties.FunctionResponseTypes ?? []) as readonly string[];
  const scaling = properties.ScalingConfig as { readonly MaximumConcurrency?: number } | undefined;
  return {
    kind,
    source: source.replace(/\/consumer\/.*$/, ''),
    target: String(properties.FunctionName),
    batchSize: Number(properties.BatchSize ?? DEFAULT_BATCH[kind]),
    windowMs: Number(properties.MaximumBatchingWindowInSeconds ?? 0) * 1_000,
    start: startOf(properties),
    bisect: properties.BisectBatchOnFunctionError === true,
    reportsFailures: types.includes('ReportBatchItemFailures'),
    fanOut: source.includes('/consumer/'),
    maxConcurrency: scaling?.MaximumConcurrency ?? DEFAULT_QUEUE_CONCURRENCY,
  };
}

type Rule = { readonly property: string; readonly broken: (value: unknown) => boolean; readonly why: string };

/** What is said of a setting is what P11 says of it. */
const RULES: readonly Rule[] = [
  {
    property: 'ParallelizationFactor',
    broken: (value) => Number(value) > 1,
    why: 'batches of one shard would run side by side; leave it at 1',
  },
  {
    property: 'MaximumRetryAttempts',
    broken: (value) => Number(value) >= 0,
    why: 'a batch given up is lost; set it to -1',
  },
  {
    property: 'MaximumRecordAgeInSeconds',
    broken: (value) => Number(value) >= 0,
    why: 'records given up for their age are lost; set it to -1',
  },
  {
    property: 'FilterCriteria',
    broken: (value) => value !== undefined,
    why: 'records filtered away leave gaps; filter in the job',
  },
  {
    property: 'TumblingWindowInSeconds',
    broken: (value) => Number(value) > 0,
    why: 'windows are the job’s; leave it out',
  },
];

function streamFaults(properties: Properties, isInbox: boolean): readonly Fault[] {
  const faults: Fault[] = RULES.filter(
    ({ property, broken }) => properties[property] !== undefined && broken(properties[property]),
  ).map(({ property, why }) => ({
    path: property,
    message: `${JSON.stringify(properties[property])} is refused: ${why}`,
  }));
  if (isInbox && properties.StartingPosition !== 'TRIM_HORIZON') {
    const message = `${JSON.stringify(properties.StartingPosition)} is refused: an inbox may miss what is put before its first read; start at TRIM_HORIZON`;
    faults.push({ path: 'StartingPosition', message });
  }
  return faults;
}

function startOf(properties: Properties): Start {
  switch (properties.StartingPosition) {
    case 'LATEST':
      return { kind: 'newest' };
    case 'AT_TIMESTAMP':
      return { kind: 'at', ms: Number(properties.StartingPositionTimestamp) * 1_000 };
    default:
      return { kind: 'oldest' };
  }
}
