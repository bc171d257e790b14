/**
 * List prices of AWS in us-east-1, in dollars, without free tiers, as of October 2026. An item is what is counted; `per` is
 * how many of it the price is for.
 */
export const PRICES = {
  kinesisShardHour: { text: 'Kinesis, shard-hours', dollars: 0.015, per: 1 },
  kinesisPutUnit: { text: 'Kinesis, PUT units of 25 KB', dollars: 0.014, per: 1e6 },
  lambdaRequest: { text: 'Lambda, requests', dollars: 0.2, per: 1e6 },
  lambdaGbSecond: { text: 'Lambda, GB-seconds on arm64', dollars: 0.0000133334, per: 1 },
  dynamodbWriteUnit: { text: 'DynamoDB, write units of 1 KB', dollars: 0.625, per: 1e6 },
  dynamodbReadUnit: { text: 'DynamoDB, read units of 4 KB', dollars: 0.125, per: 1e6 },
  s3Put: { text: 'S3, PUT requests', dollars: 5, per: 1e6 },
  s3Get: { text: 'S3, GET requests', dollars: 0.4, per: 1e6 },
  storageGbMonth: { text: 'DynamoDB and S3, GB of state', dollars: 0.25, per: 1 },
  logGb: { text: 'CloudWatch, GB of logs', dollars: 0.5, per: 1 },
  metric: { text: 'CloudWatch, metrics', dollars: 0.3, per: 1 },
  alarm: { text: 'CloudWatch, alarms', dollars: 0.1, per: 1 },
  dashboard: { text: 'CloudWatch, dashboards', dollars: 3, per: 1 },
  sqsRequest: { text: 'SQS, requests', dollars: 0.4, per: 1e6 },
  snsPublish: { text: 'SNS, messages', dollars: 0.5, per: 1e6 },
  eventBusEvent: { text: 'EventBridge, events', dollars: 1, per: 1e6 },
  firehoseGb: { text: 'Firehose, GB', dollars: 0.029, per: 1 },
} as const;

export type Item = keyof typeof PRICES;

/** Amazon Managed Service for Apache Flink. One unit orchestrates and does no work, and the application never has none. */
export const MANAGED_FLINK = {
  dollarsPerUnitHour: 0.11,
  orchestrationUnits: 1,
  /** AWS sizes 5 to 10 where the work is light, and 1 to 3 where it is heavy. */
  megabytesPerSecondPerUnit: 5,
} as const;

export const HOURS_A_MONTH = 730;
export const SECONDS_A_MONTH = HOURS_A_MONTH * 3_600;
