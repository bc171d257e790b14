/** The door `millrace/cdk`: jobs in apps of the AWS CDK. */

export type { JobSource } from '../functions/bundle/job-module.ts';
export type { DeployedStage } from './deployed-stage.ts';
export { StreamJob } from './stream-job.ts';
export type { AlarmProps, EndpointConstruct, StageProps, StreamJobProps } from './stream-job-props.ts';
