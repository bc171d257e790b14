import type { Usage } from '../../emulator/stack/usage.ts';

type Price = { readonly what: string; readonly dollars: number };

/** List prices of us-east-1 per unit, October 2026. */
const PRICES: { readonly [unit in keyof Usage]: Price } = {
  lambdaRequests: { what: 'invocations', dollars: 0.2e-6 },
  lambdaGbSeconds: { what: 'GB-seconds', dollars: 13.3334e-6 },
  kinesisPutUnits: { what: 'Kinesis PUT units', dollars: 0.014e-6 },
  dynamodbWriteUnits: { what: 'DynamoDB write units', dollars: 0.625e-6 },
  dynamodbReadUnits: { what: 'DynamoDB read units', dollars: 0.125e-6 },
  s3Writes: { what: 'S3 writes', dollars: 5e-6 },
  s3Reads: { what: 'S3 reads', dollars: 0.4e-6 },
  sqsRequests: { what: 'SQS requests', dollars: 0.4e-6 },
  snsRequests: { what: 'SNS requests', dollars: 0.5e-6 },
  eventBridgeEvents: { what: 'EventBridge events', dollars: 1e-6 },
  firehoseRecords: { what: 'Firehose records of 5 KB', dollars: 0.138e-6 },
};

/** What these requests would cost on AWS, a line each and their sum. The hours of shards come on top, used or not. */
export function billLines(usage: Usage): readonly string[] {
  const used = Object.entries(PRICES)
    .map(([unit, { what, dollars }]) => ({ what, count: usage[unit as keyof Usage], dollars }))
    .filter(({ count }) => count > 0);
  const sum = used.reduce((total, { count, dollars }) => total + count * dollars, 0);
  const lines = used.map(({ what, count, dollars }) => {
    const amount = count.toLocaleString('en', { maximumFractionDigits: 1 });
    return `  ${amount.padStart(10)} ${what.padEnd(24)} $${(count * dollars).toFixed(6)}`;
  });
  return [`on AWS these requests would have cost $${sum.toFixed(6)}`, ...lines];
}
