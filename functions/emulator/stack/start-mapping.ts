import type { Clock } from '../../../core/port/clock.ts';
import type { Random } from '../../../core/port/random.ts';
import type { Failure } from '../mapping/invocation.ts';
import type { MappingSettings } from '../mapping/mapping-settings.ts';
import { pollQueue } from '../mapping/poll-queue.ts';
import { pollStream } from '../mapping/poll-stream.ts';
import type { PositionFile } from '../mapping/position-file.ts';
import { demand } from '../role/role-gate.ts';
import type { EmulatedAws } from './emulated-aws.ts';
import type { MadeFunction } from './make-function.ts';

export type MappingStart = {
  readonly aws: EmulatedAws;
  readonly target: MadeFunction;
  readonly region: string;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  readonly positions: PositionFile;
  readonly recut?: Random | undefined;
  readonly onLog: (name: string, line: string) => void;
};

/** What Lambda's pollers do under the role of the function. */
const ACTIONS = {
  kinesis: ['DescribeStreamSummary', 'GetRecords', 'GetShardIterator', 'ListShards'],
  sqs: ['ReceiveMessage', 'DeleteMessage', 'GetQueueAttributes'],
} as const;

/**
 * Begins to poll what a mapping reads. The promise resolves when it has ended, after the signal.
 *
 * @throws ServiceError where the role of the function may not read it
 */
export function startMapping(settings: MappingSettings, start: MappingStart): Promise<void> {
  const { aws, target, region, clock, signal, positions, recut } = start;
  const { lambda, role, roleArn } = target;
  for (const action of ACTIONS[settings.kind]) {
    demand(role, { action: `${settings.kind}:${action}`, resource: settings.source });
  }
  const tell = (text: string) => {
    // What is cut short by the end of the stack is no failure.
    if (!signal.aborted) start.onLog(lambda.name, text);
  };
  const onFailure = ({ reason, message }: Failure) => tell(`${reason}: ${message}`);
  const common = { settings, invoke: lambda.invoke, clock, signal, region, onFailure };
  const queueUrl = aws.queueUrl(settings.source.split(':').at(-1) ?? '');
  const polling =
    settings.kind === 'kinesis'
      ? pollStream({ ...common, kinesis: aws.kinesis.call, positions, roleArn, recut })
      : pollQueue({ ...common, sqs: aws.sqs.call, queueUrl });
  return polling.catch((error: unknown) => tell(`is not polled any more: ${error}`));
}
