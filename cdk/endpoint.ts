import { Arn, ArnFormat, Stack } from 'aws-cdk-lib';
import type { IConstruct } from 'constructs';
import type { SinkResource, SourceResource } from '../core/connector/resource.ts';
import { JobSpecError } from '../core/error/error.ts';
import type { EndpointConstruct } from './stream-job-props.ts';

/** What a source reads or a sink writes, once it is known where it is. */
export type Endpoint = {
  readonly resource: Exclude<SourceResource | SinkResource, { readonly kind: 'none' }>;
  /** What handlers call it by: a name, a queue's URL, a topic's or table stream's ARN. */
  readonly address: string;
  readonly arn: string;
  readonly construct?: EndpointConstruct;
};

type Named = Endpoint['resource'];

/** What is in the account and region of the stack under the name that the job says, or under an ARN anywhere. */
export function importedEndpoint(scope: IConstruct, uid: string, resource: Named): Endpoint {
  const arn = resource.name.startsWith('arn:') ? resource.name : arnOf(scope, uid, resource);
  return { resource, arn, address: addressOf(scope, resource, arn) };
}

/** A construct that takes the place of what the job names. */
export function givenEndpoint(uid: string, resource: Named, construct: EndpointConstruct): Endpoint {
  const of = construct as unknown as { readonly [property: string]: string | undefined };
  const [arn, address] = GIVEN[resource.kind].map((property) => of[property]);
  if (arn !== undefined && address !== undefined) return { resource, arn, address, construct };
  const wanted = resource.kind === 'dynamodb-stream' ? 'a table with a stream' : `a ${resource.kind}`;
  throw new JobSpecError([{ path: `endpoints.${uid}`, message: `${wanted} is expected, as the job says` }]);
}

/** The properties of constructs that hold ARN and address. */
const GIVEN: { readonly [kind in Named['kind']]: readonly [arn: string, address: string] } = {
  'kinesis-stream': ['streamArn', 'streamName'],
  'dynamodb-stream': ['tableStreamArn', 'tableStreamArn'],
  'dynamodb-table': ['tableArn', 'tableName'],
  's3-bucket': ['bucketArn', 'bucketName'],
  'sqs-queue': ['queueArn', 'queueUrl'],
  'sns-topic': ['topicArn', 'topicArn'],
  'event-bus': ['eventBusArn', 'eventBusName'],
  'firehose-stream': ['deliveryStreamArn', 'deliveryStreamName'],
};

function arnOf(scope: IConstruct, uid: string, { kind, name }: Named): string {
  const stack = Stack.of(scope);
  const named = (service: string, resource: string) => stack.formatArn({ service, resource, resourceName: name });
  const plain = (service: string) =>
    stack.formatArn({ service, resource: name, arnFormat: ArnFormat.NO_RESOURCE_NAME });
  switch (kind) {
    case 'kinesis-stream':
      return named('kinesis', 'stream');
    case 'dynamodb-table':
      return named('dynamodb', 'table');
    case 's3-bucket':
      return Arn.format({ partition: stack.partition, service: 's3', region: '', account: '', resource: name });
    case 'sqs-queue':
      return plain('sqs');
    case 'sns-topic':
      return plain('sns');
    case 'event-bus':
      return named('events', 'event-bus');
    case 'firehose-stream':
      return named('firehose', 'deliverystream');
    case 'dynamodb-stream': {
      const message = `the ARN of the stream of ${name} cannot be known from its name; give the table, endpoints: { ${uid}: table }, or name the ARN`;
      throw new JobSpecError([{ path: `sources.${uid}`, message }]);
    }
  }
}

function addressOf(scope: IConstruct, { kind, name }: Named, arn: string): string {
  const stack = Stack.of(scope);
  if (kind === 'sns-topic' || kind === 'dynamodb-stream') return arn;
  if (kind !== 'sqs-queue') return name;
  const { region, account, resource } = Arn.split(arn, ArnFormat.NO_RESOURCE_NAME);
  return `https://sqs.${region}.${stack.urlSuffix}/${account}/${resource}`;
}
