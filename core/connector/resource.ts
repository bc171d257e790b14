/**
 * What a connector reads or writes outside the job, as data: from it a deployment wires the event source and gives the
 * stage exactly the rights that it needs. `name` is a physical name, or an ARN where it is another account's or region's.
 *
 * A connector without a resource works on the machine it runs on (files, standard streams) and is not deployed.
 */
export type SourceResource =
  | { readonly kind: 'kinesis-stream'; readonly name: string }
  /** The change stream of a table (DynamoDB Streams). */
  | { readonly kind: 'dynamodb-stream'; readonly name: string }
  | { readonly kind: 'sqs-queue'; readonly name: string }
  /** Objects of a bucket under a prefix, read as bounded splits. */
  | { readonly kind: 's3-bucket'; readonly name: string; readonly prefix?: string };

export type SinkResource =
  | { readonly kind: 'kinesis-stream'; readonly name: string }
  | {
      readonly kind: 'dynamodb-table';
      readonly name: string;
      /** Partition key and, where there is one, sort key; absent where their types are not known. */
      readonly key?: readonly { readonly name: string; readonly type: 'S' | 'N' | 'B' }[];
    }
  | { readonly kind: 's3-bucket'; readonly name: string; readonly prefix?: string }
  | { readonly kind: 'sqs-queue'; readonly name: string }
  | { readonly kind: 'sns-topic'; readonly name: string }
  | { readonly kind: 'event-bus'; readonly name: string }
  | { readonly kind: 'firehose-stream'; readonly name: string }
  /** Anything that is reached without rights in AWS: a webhook, or nothing at all. */
  | { readonly kind: 'none' };

export type ResourceKind = SourceResource['kind'] | SinkResource['kind'];

/** A connector that works only where the job is deployed: the word and options from which a stage makes it. */
export type Deployed = { readonly word: string; readonly options: object };
