import { type App, Duration, Size, Stack } from 'aws-cdk-lib';
import { Stream } from 'aws-cdk-lib/aws-kinesis';
import { Topic } from 'aws-cdk-lib/aws-sns';
import { StreamJob } from 'millrace/cdk';

export function website(app: App): Stack {
  // #region deploy
  const stack = new Stack(app, 'Website');
  const clicks = new Stream(stack, 'ClickStream');

  const job = new StreamJob(stack, 'PageViews', {
    job: 'test/bundle/fixture/page-views.yaml',
    endpoints: { clicks },
    memory: Size.gibibytes(2),
    batchWindow: Duration.seconds(5),
    stages: { perPage: { shards: 4, timeout: Duration.minutes(3) } },
    alarms: { topic: new Topic(stack, 'Alarms'), iteratorAge: Duration.minutes(10) },
  });

  job.stage('perPage').function.addEnvironment('LOG_LEVEL', 'DEBUG');
  // #endregion
  return stack;
}
