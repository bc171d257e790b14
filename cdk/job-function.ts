import { Duration, RemovalPolicy, Size } from 'aws-cdk-lib';
import { PolicyDocument, type PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Architecture, type Code, Function as LambdaFunction, Runtime } from 'aws-cdk-lib/aws-lambda';
import { LogGroup, RetentionDays } from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import { JobSpecError } from '../core/error/error.ts';
import { METRIC_NAMESPACE } from '../functions/deployment/metric.ts';
import { allow } from './access.ts';
import { acknowledge } from './acknowledge.ts';
import type { StageProps, StreamJobProps } from './stream-job-props.ts';

/** All variables of a function together, names and values. */
const MAX_ENVIRONMENT_BYTES = 4_096;
/** Of a function, in Lambda. */
const MAX_DESCRIPTION = 256;
const DEFAULT_MEMORY = Size.gibibytes(1);
const DEFAULT_TIMEOUT = Duration.minutes(1);

export type JobFunctionOptions = {
  readonly name: string;
  readonly description: string;
  readonly code: Code;
  readonly variables: Record<string, string>;
  readonly statements: readonly PolicyStatement[];
  readonly stage: StageProps;
  readonly job: StreamJobProps;
};

/** A function of a job with its own role, which may do what its statements say and write its own log, and with that log. */
export class JobFunction extends Construct {
  readonly function: LambdaFunction;
  readonly role: Role;
  readonly log: LogGroup;

  constructor(scope: Construct, id: string, options: JobFunctionOptions) {
    super(scope, id);
    const { name, description, code, stage, job } = options;
    const { vpc, vpcSubnets, securityGroups, logRetention = RetentionDays.ONE_MONTH } = job;
    this.log = new LogGroup(this, 'Log', { retention: logRetention, removalPolicy: RemovalPolicy.DESTROY });
    this.role = this.#role(options);
    this.function = new LambdaFunction(this, 'Function', {
      functionName: name,
      description: description.slice(0, MAX_DESCRIPTION),
      code,
      handler: 'index.handler',
      runtime: Runtime.NODEJS_24_X,
      architecture: Architecture.ARM_64,
      memorySize: (stage.memory ?? DEFAULT_MEMORY).toMebibytes(),
      timeout: stage.timeout ?? DEFAULT_TIMEOUT,
      role: this.role,
      logGroup: this.log,
      environment: withinLimit(name, { ...options.variables, ...powertools(options.variables) }),
      ...(stage.reservedConcurrency !== undefined && { reservedConcurrentExecutions: stage.reservedConcurrency }),
      ...(vpc !== undefined && { vpc }),
      ...(vpcSubnets !== undefined && { vpcSubnets }),
      ...(securityGroups !== undefined && { securityGroups: [...securityGroups] }),
    });
  }

  #role({ name, statements, job }: JobFunctionOptions): Role {
    const log = allow(['logs:CreateLogStream', 'logs:PutLogEvents'], [this.log.logGroupArn]);
    const network = job.vpc === undefined ? [] : [allow(NETWORK_ACTIONS, ['*'])];
    const role = new Role(this, 'Role', {
      description: `What the function ${name} may do`,
      assumedBy: new ServicePrincipal('lambda.amazonaws.com'),
      inlinePolicies: { job: new PolicyDocument({ statements: [log, ...statements, ...network] }) },
    });
    if (job.vpc !== undefined) {
      const reason =
        'Lambda makes network interfaces, whose names are not known before, for a function inside a network.';
      acknowledge(role, { 'AwsSolutions-IAM5[Resource::*]': reason });
    }
    return role;
  }
}

const NETWORK_ACTIONS = [
  'ec2:AssignPrivateIpAddresses',
  'ec2:CreateNetworkInterface',
  'ec2:DeleteNetworkInterface',
  'ec2:DescribeNetworkInterfaces',
  'ec2:DescribeSubnets',
  'ec2:UnassignPrivateIpAddresses',
];

function powertools({ MILLRACE_DEPLOYMENT = '' }: Record<string, string>): Record<string, string> {
  return { POWERTOOLS_SERVICE_NAME: MILLRACE_DEPLOYMENT, POWERTOOLS_METRICS_NAMESPACE: METRIC_NAMESPACE };
}

function withinLimit(name: string, variables: Record<string, string>): Record<string, string> {
  const bytes = Object.entries(variables).reduce((sum, [key, value]) => sum + key.length + Buffer.byteLength(value), 0);
  if (bytes <= MAX_ENVIRONMENT_BYTES) return variables;
  const message = `the environment of ${name} takes ${bytes} bytes, and Lambda has ${MAX_ENVIRONMENT_BYTES}; shorten the names of stages, or split the job`;
  throw new JobSpecError([{ path: 'stages', message }]);
}
