import type { Identify } from './resolve-template.ts';
import type { Identity, Place, Properties, Resource } from './template.ts';

type Named = Resource & { readonly Properties: Properties };
type ArnOf = (service: string, resource: string) => string;

/**
 * Names resources as CloudFormation does: by the name that they were given, else by the stack and the logical id. The
 * same template gives the same names, so that a data folder fits the next run.
 */
export function identifierOf(place: Place, queueUrl: (name: string) => string): Identify {
  const arnOf: ArnOf = (service, resource) => `arn:aws:${service}:${place.region}:${place.account}:${resource}`;
  return (logicalId, resource) => {
    const own = (property: string, max = 64) => nameOf(resource, property, `${place.stack}-${logicalId}`.slice(0, max));
    return identify(resource, { logicalId, own, arnOf, place, queueUrl });
  };
}

type Naming = {
  readonly logicalId: string;
  readonly own: (property: string, max?: number) => string;
  readonly arnOf: ArnOf;
  readonly place: Place;
  readonly queueUrl: (name: string) => string;
};

function identify(resource: Named, { logicalId, own, arnOf, place, queueUrl }: Naming): Identity {
  switch (resource.Type) {
    case 'AWS::Kinesis::Stream':
      return identity(own('Name', 128), arnOf('kinesis', `stream/${own('Name', 128)}`));
    case 'AWS::Kinesis::StreamConsumer': {
      const arn = `${resource.Properties.StreamARN}/consumer/${own('ConsumerName')}:1`;
      return { ref: arn, attributes: { ConsumerARN: arn } };
    }
    case 'AWS::DynamoDB::Table':
    case 'AWS::DynamoDB::GlobalTable': {
      const { ref, attributes } = identity(own('TableName', 255), arnOf('dynamodb', `table/${own('TableName', 255)}`));
      return { ref, attributes: { ...attributes, StreamArn: `${attributes.Arn}/stream/local` } };
    }
    case 'AWS::S3::Bucket': {
      const name = own('BucketName', 63).toLowerCase();
      return identity(name, `arn:aws:s3:::${name}`);
    }
    case 'AWS::SQS::Queue': {
      const fifo = resource.Properties.FifoQueue === true && resource.Properties.QueueName === undefined;
      const name = fifo ? `${own('QueueName', 75)}.fifo` : own('QueueName', 80);
      return {
        ref: queueUrl(name),
        attributes: { Arn: arnOf('sqs', name), QueueName: name, QueueUrl: queueUrl(name) },
      };
    }
    case 'AWS::SNS::Topic': {
      const arn = arnOf('sns', own('TopicName'));
      return { ref: arn, attributes: { TopicArn: arn, TopicName: own('TopicName') } };
    }
    case 'AWS::Events::EventBus':
      return identity(own('Name'), arnOf('events', `event-bus/${own('Name')}`));
    case 'AWS::KinesisFirehose::DeliveryStream':
      return identity(own('DeliveryStreamName'), arnOf('firehose', `deliverystream/${own('DeliveryStreamName')}`));
    case 'AWS::Lambda::Function':
      return identity(own('FunctionName'), arnOf('lambda', `function:${own('FunctionName')}`));
    case 'AWS::Lambda::Version':
      return { ref: versionArn(resource, arnOf, '1'), attributes: { Version: '1' } };
    case 'AWS::Lambda::Alias':
      return identity(versionArn(resource, arnOf, String(resource.Properties.Name)));
    case 'AWS::IAM::Role':
      return identity(own('RoleName'), `arn:aws:iam::${place.account}:role/${own('RoleName')}`, { RoleId: logicalId });
    default:
      return identity(logicalId, arnOf('unknown', logicalId));
  }
}

function identity(ref: string, Arn: string = ref, more: Readonly<Record<string, string>> = {}): Identity {
  return { ref, attributes: { Arn, ...more } };
}

function versionArn({ Properties }: Named, arnOf: ArnOf, qualifier: string): string {
  const name = String(Properties.FunctionName).split(':function:').at(-1);
  return arnOf('lambda', `function:${name}:${qualifier}`);
}

function nameOf({ Properties }: Named, property: string, otherwise: string): string {
  const given = Properties[property];
  return given === undefined ? otherwise : String(given);
}
