import type { SourceResource } from '../../core/connector/resource.ts';
import { InvariantError } from '../../core/error/error.ts';
import { physicalName } from './physical-name.ts';

/**
 * The environment variables between the construct that deploys a job and the handlers that run it. Both sides import this
 * module, so that a name cannot differ.
 *
 * 1. What is written is read back equal, and a missing or broken variable is told by its name.
 * 2. Names of inboxes and functions follow from the deployment and the stage (physical-name.ts) and are not stored.
 */
export type StageEnvironment = {
  /** The name under which the stack was deployed: the job's, unless said. Begins the name of all that it made. */
  readonly deployment: string;
  readonly job: string;
  readonly stage: string;
  /** The DynamoDB table of commit logs and control rows. */
  readonly table: string;
  /** The S3 bucket of payloads, blocks, checkpoint markers and dead letters. */
  readonly bucket: string;
  /** Raised on every restore; 1 where the variable is absent. */
  readonly incarnation: number;
  /** The inboxes that it reads and publishes to, by the name of the stage that reads each. */
  readonly inboxes: { readonly [stage: string]: Inbox };
  /** Of a stage whose head is a source; any other reads its own inbox. */
  readonly source?: PhysicalSource;
  /** Where each of its sinks writes: a stream's, table's or bucket's name, a queue's URL, a topic's ARN, or nothing. */
  readonly sinks: { readonly [uid: string]: string };
};

/** The Kinesis stream that a stage reads. */
export type Inbox = { readonly stream: string };

/** What a source stage reads. `address` is a stream's name, a queue's URL, a bucket's name or the ARN of a table's stream. */
export type PhysicalSource = {
  readonly kind: SourceResource['kind'];
  readonly address: string;
};

export type CoordinatorEnvironment = Pick<
  StageEnvironment,
  'deployment' | 'job' | 'table' | 'bucket' | 'incarnation'
> & {
  readonly stages: { readonly [stage: string]: DeployedStage };
};

/** A stage as the coordinator sees it: the function that it calls and the stream whose shards it looks at. */
export type DeployedStage = {
  readonly function: string;
  readonly inbox?: Inbox;
  readonly source?: PhysicalSource;
};

/** Names and values of environment variables, as Lambda holds them. */
export type Variables = { readonly [name: string]: string | undefined };

/** The variables of a stage's function. */
export function stageVariables(environment: StageEnvironment): Record<string, string> {
  const { stage, inboxes, source, sinks } = environment;
  return {
    ...sharedVariables(environment),
    MILLRACE_STAGE: stage,
    MILLRACE_INBOXES: JSON.stringify(Object.keys(inboxes)),
    ...(source !== undefined && { MILLRACE_SOURCE: JSON.stringify(source) }),
    MILLRACE_SINKS: JSON.stringify(sinks),
  };
}

/** What a stage's function was given: `readStageEnvironment(process.env)`. @throws InvariantError naming what is missing */
export function readStageEnvironment(variables: Variables): StageEnvironment {
  const shared = readShared(variables);
  const names = json<readonly string[]>(variables, 'MILLRACE_INBOXES');
  return {
    ...shared,
    stage: text(variables, 'MILLRACE_STAGE'),
    inboxes: Object.fromEntries(names.map((name) => [name, inboxOf(shared.deployment, name)])),
    ...(variables.MILLRACE_SOURCE !== undefined && { source: json<PhysicalSource>(variables, 'MILLRACE_SOURCE') }),
    sinks: json(variables, 'MILLRACE_SINKS'),
  };
}

/** The variables of the coordinator's function. */
export function coordinatorVariables(environment: CoordinatorEnvironment): Record<string, string> {
  const sources = Object.entries(environment.stages).flatMap(([stage, { source }]) =>
    source === undefined ? [] : [[stage, source]],
  );
  return {
    ...sharedVariables(environment),
    MILLRACE_STAGES: JSON.stringify(Object.keys(environment.stages)),
    MILLRACE_SOURCES: JSON.stringify(Object.fromEntries(sources)),
  };
}

/** What the coordinator's function was given. @throws InvariantError naming what is missing */
export function readCoordinatorEnvironment(variables: Variables): CoordinatorEnvironment {
  const shared = readShared(variables);
  const sources = json<Record<string, PhysicalSource>>(variables, 'MILLRACE_SOURCES');
  const stages = json<readonly string[]>(variables, 'MILLRACE_STAGES').map((name) => {
    const source = sources[name];
    const reads = source === undefined ? { inbox: inboxOf(shared.deployment, name) } : { source };
    return [name, { function: physicalName(shared.deployment, name), ...reads }] as const;
  });
  return { ...shared, stages: Object.fromEntries(stages) };
}

/** What the function is told that takes messages for a source stage. */
export type IntakeEnvironment = { readonly deployment: string; readonly stage: string };

/** The variables of an intake's function. */
export function intakeVariables({ deployment, stage }: IntakeEnvironment): Record<string, string> {
  return { MILLRACE_DEPLOYMENT: deployment, MILLRACE_STAGE: stage };
}

/** What an intake's function was given, with the stream that it fills. @throws InvariantError naming what is missing */
export function readIntakeEnvironment(variables: Variables): IntakeEnvironment & Inbox {
  const deployment = text(variables, 'MILLRACE_DEPLOYMENT');
  const stage = text(variables, 'MILLRACE_STAGE');
  return { deployment, stage, ...inboxOf(deployment, stage) };
}

/** The inbox of a stage; of one whose source is a queue the stream that the intake fills. */
export function inboxOf(deployment: string, stage: string): Inbox {
  return { stream: physicalName(deployment, stage) };
}

type Shared = Pick<StageEnvironment, 'deployment' | 'job' | 'table' | 'bucket' | 'incarnation'>;

function sharedVariables({ deployment, job, table, bucket, incarnation }: Shared): Record<string, string> {
  return {
    MILLRACE_DEPLOYMENT: deployment,
    MILLRACE_JOB: job,
    MILLRACE_TABLE: table,
    MILLRACE_BUCKET: bucket,
    ...(incarnation !== 1 && { MILLRACE_INCARNATION: String(incarnation) }),
  };
}

function readShared(variables: Variables): Shared {
  const incarnation = Number(variables.MILLRACE_INCARNATION ?? 1);
  if (!Number.isInteger(incarnation) || incarnation < 1) {
    throw new InvariantError(`MILLRACE_INCARNATION is ${variables.MILLRACE_INCARNATION}, not a whole number above 0`);
  }
  return {
    deployment: text(variables, 'MILLRACE_DEPLOYMENT'),
    job: text(variables, 'MILLRACE_JOB'),
    table: text(variables, 'MILLRACE_TABLE'),
    bucket: text(variables, 'MILLRACE_BUCKET'),
    incarnation,
  };
}

function text(variables: Variables, name: string): string {
  const value = variables[name];
  if (value === undefined || value === '') {
    throw new InvariantError(
      `the environment variable ${name} is missing; a function of a job is deployed by StreamJob`,
    );
  }
  return value;
}

function json<T>(variables: Variables, name: string): T {
  const value = text(variables, name);
  try {
    return JSON.parse(value) as T;
  } catch {
    throw new InvariantError(`the environment variable ${name} holds no JSON: ${value.slice(0, 80)}`);
  }
}
