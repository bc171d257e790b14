import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Clock } from '../../../core/port/clock.ts';
import { type DeliveryOptions, startEventBridge, startFirehose } from '../delivery/delivery-service.ts';
import { startSns } from '../delivery/sns-service.ts';
import { startDynamoDb } from '../dynamodb/dynamodb-service.ts';
import { startKinesis } from '../kinesis/kinesis-service.ts';
import { type InvokeOptions, startLambda } from '../lambda/invoke-service.ts';
import { decide } from '../role/policy.ts';
import { type Callers, roleGate } from '../role/role-gate.ts';
import { type S3Server, startS3 } from '../s3/s3-service.ts';
import { type Gate, gatesInTurn, type Observe, type ServiceName } from '../server/gate.ts';
import type { JsonServer } from '../server/json-server.ts';
import { accessKeyOf, type LocalServer, listenLocal } from '../server/local-server.ts';
import { startSqs } from '../sqs/sqs-service.ts';
import type { Place } from '../template/template.ts';

export type AwsOptions = {
  /** A folder that keeps all of it from one run to the next; in memory unless given. */
  readonly folder?: string | undefined;
  readonly place: Place;
  readonly clock: Clock;
  readonly callers: Callers;
  readonly findFunction: InvokeOptions['find'];
  /** Sees every call before the roles do: for counting and for faults. */
  readonly gate?: Gate | undefined;
  readonly onDone?: Observe | undefined;
  readonly onDelivery?: DeliveryOptions['onDelivery'] | undefined;
  /** Streams refuse what is above the limits of their shards. */
  readonly throttled?: boolean | undefined;
};

/** The services, each on a port of its own. */
export type EmulatedAws = {
  readonly kinesis: JsonServer;
  readonly dynamodb: JsonServer;
  readonly s3: S3Server;
  readonly sqs: JsonServer;
  readonly queueUrl: (name: string) => string;
  /** The variables by which the SDKs find them, and find nothing else. */
  readonly variables: Readonly<Record<string, string>>;
  close(): Promise<void>;
};

/** As the SDKs name the services in `AWS_ENDPOINT_URL_…`. */
const VARIABLES: Readonly<Record<ServiceName, string>> = {
  kinesis: 'KINESIS',
  dynamodb: 'DYNAMODB',
  s3: 'S3',
  sqs: 'SQS',
  sns: 'SNS',
  events: 'EVENTBRIDGE',
  firehose: 'FIREHOSE',
  lambda: 'LAMBDA',
};

export async function startAws(options: AwsOptions): Promise<EmulatedAws> {
  const { folder, place, clock, callers, onDone } = options;
  const gate = gatesInTurn([...(options.gate ? [options.gate] : []), roleGate(callers, place)]);
  const watch = { gate, ...(onDone && { onDone }) };
  const common = { ...watch, region: place.region, account: place.account, now: () => clock.now() };
  const delivery = { ...watch, ...(options.onDelivery && { onDelivery: options.onDelivery }) };
  if (folder !== undefined) await mkdir(folder, { recursive: true });
  const kept = (name: string) => (folder === undefined ? {} : { folder: join(folder, name) });
  const kinesis = await startKinesis({ ...common, ...kept('kinesis'), throttled: options.throttled ?? false });
  const dynamodb = await startDynamoDb({ ...common, ...kept('dynamodb') });
  const s3 = await startS3({ ...common, ...kept('s3'), mayList: mayList(callers) });
  const sqs = await startSqs({ ...common, ...kept('sqs'), clock });
  const others = {
    sns: await startSns(delivery),
    events: await startEventBridge(delivery),
    firehose: await startFirehose(delivery),
    lambda: await startLambda({ ...watch, find: options.findFunction }),
  };
  const nothing = await startNothing();
  const servers: Readonly<Record<ServiceName, LocalServer>> = { kinesis, dynamodb, s3, sqs, ...others };
  const urls = Object.entries(servers).map(([name, { url }]) => [
    `AWS_ENDPOINT_URL_${VARIABLES[name as ServiceName]}`,
    url,
  ]);
  return {
    kinesis,
    dynamodb,
    s3,
    sqs,
    queueUrl: (name) => `${sqs.url}/${place.account}/${name}`,
    variables: { ...Object.fromEntries(urls), AWS_ENDPOINT_URL: nothing.url, AWS_REGION: place.region },
    close: async () => {
      await Promise.all([...Object.values(servers), nothing].map((server) => server.close()));
    },
  };
}

function mayList(callers: Callers): (accessKey: string, bucket: string) => boolean {
  return (accessKey, bucket) => {
    const role = callers.roleOf(accessKey);
    if (role === undefined || role === 'administrator') return true;
    const access = { action: 's3:ListBucket', resource: `arn:aws:s3:::${bucket}`, context: { 's3:prefix': [''] } };
    return decide(role.statements, access).kind === 'allowed';
  };
}

/** Takes the calls to services that are not emulated, so that none gets out to AWS. */
function startNothing(): Promise<LocalServer> {
  return listenLocal(async (request, response) => {
    const service =
      /Credential=[^/]+\/[^/]+\/[^/]+\/([^/]+)\//.exec(request.headers.authorization ?? '')?.[1] ?? 'this service';
    const message = `there is no emulator of ${service} here (${request.method} ${request.url}, key ${accessKeyOf(request)})`;
    response.writeHead(501, { 'content-type': 'application/json', 'x-amzn-errortype': 'NotImplemented' });
    response.end(JSON.stringify({ __type: 'NotImplemented', message }));
  });
}
