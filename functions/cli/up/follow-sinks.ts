import { type Attributes, recordOf } from '../../../core/connector/aws/attribute-value.ts';
import { encodeJson } from '../../../core/connector/json.ts';
import type { SinkResource } from '../../../core/connector/resource.ts';
import type { Delivery } from '../../emulator/delivery/delivery-service.ts';
import type { Input, ServiceCall } from '../../emulator/server/gate.ts';

/** A record that came out of a job, by the sink that it left through. */
export type Result = { readonly sink: string; readonly text: string };

export type Sinks = { readonly [uid: string]: SinkResource | undefined };

/** What a call to an emulated service wrote into the sinks of a job. */
export function resultsOf(call: ServiceCall, sinks: Sinks): readonly Result[] {
  return writesOf(call).flatMap(({ kind, name, text }) =>
    Object.entries(sinks)
      .filter(([, resource]) => resource?.kind === kind && 'name' in resource && resource.name === name)
      .map(([sink]) => ({ sink, text })),
  );
}

/** What was handed on to a topic, a bus or a delivery stream. */
export function resultsOfDelivery({ target, payload }: Delivery, sinks: Sinks): readonly Result[] {
  const name = target.split(/[:/]/).at(-1);
  return Object.entries(sinks)
    .filter(
      ([, resource]) => resource !== undefined && 'name' in resource && resource.name.split(/[:/]/).at(-1) === name,
    )
    .map(([sink]) => ({ sink, text: payload.trimEnd() }));
}

type Write = { readonly kind: SinkResource['kind']; readonly name: string; readonly text: string };

function writesOf({ service, operation, input }: ServiceCall): readonly Write[] {
  switch (`${service} ${operation}`) {
    case 'dynamodb PutItem':
      return [{ kind: 'dynamodb-table', name: nameOf(input.TableName), text: itemText(input.Item) }];
    case 'dynamodb DeleteItem':
      return [{ kind: 'dynamodb-table', name: nameOf(input.TableName), text: `deleted ${itemText(input.Key)}` }];
    case 'kinesis PutRecord':
      return [{ kind: 'kinesis-stream', name: nameOf(input.StreamName ?? input.StreamARN), text: dataText(input) }];
    case 'kinesis PutRecords':
      return listOf(input.Records).map((record) => {
        return { kind: 'kinesis-stream', name: nameOf(input.StreamName ?? input.StreamARN), text: dataText(record) };
      });
    case 'sqs SendMessage':
      return [{ kind: 'sqs-queue', name: nameOf(input.QueueUrl), text: String(input.MessageBody) }];
    case 'sqs SendMessageBatch':
      return listOf(input.Entries).map(({ MessageBody }) => {
        return { kind: 'sqs-queue', name: nameOf(input.QueueUrl), text: String(MessageBody) };
      });
    case 's3 PutObject':
    case 's3 CompleteMultipartUpload':
      return [{ kind: 's3-bucket', name: String(input.Bucket), text: `s3://${input.Bucket}/${input.Key}` }];
    default:
      return [];
  }
}

/** The last part of a name, an ARN or a URL. */
function nameOf(address: unknown): string {
  return String(address).split(/[:/]/).at(-1) ?? '';
}

function itemText(item: unknown): string {
  return encodeJson(recordOf(item as Attributes));
}

function dataText({ Data }: Input): string {
  return Buffer.from(String(Data), 'base64').toString('utf8').trimEnd();
}

function listOf(value: unknown): readonly Input[] {
  return value as readonly Input[];
}
