import { join } from 'node:path';
import { type Fault, JobSpecError } from '../../../core/error/error.ts';
import { systemClock } from '../../../core/local/system-clock.ts';
import type { Clock } from '../../../core/port/clock.ts';
import type { Random } from '../../../core/port/random.ts';
import type { Delivery } from '../delivery/delivery-service.ts';
import { invokeUntilDone } from '../lambda/invoke-service.ts';
import type { Invocation } from '../mapping/invocation.ts';
import { type MappingSettings, readMapping } from '../mapping/mapping-settings.ts';
import { PositionFile } from '../mapping/position-file.ts';
import type { Gate, Observe } from '../server/gate.ts';
import { identifierOf } from '../template/identify.ts';
import type { Assembly } from '../template/read-assembly.ts';
import { TemplateResolver } from '../template/resolve-template.ts';
import type { Place } from '../template/template.ts';
import { AccessKeys } from './access-keys.ts';
import { makeCustomResource } from './custom-resource.ts';
import { type EmulatedAws, startAws } from './emulated-aws.ts';
import { functionNameOf, type MadeFunction, makeFunction } from './make-function.ts';
import { isStorage, makeStorage } from './make-storage.ts';
import { rolesOf } from './roles.ts';
import { runSchedule, schedulesOf } from './schedule.ts';
import { startMapping } from './start-mapping.ts';

export type StackOptions = {
  /** A folder that keeps all data from one run to the next; in memory unless given. */
  readonly folder?: string | undefined;
  readonly region?: string;
  readonly account?: string;
  readonly clock?: Clock;
  /** Sees every call first: for faults. */
  readonly gate?: Gate;
  readonly onDone?: Observe;
  readonly onDelivery?: (delivery: Delivery) => void;
  /** A line that a function wrote. */
  readonly onLog?: (name: string, line: string) => void;
  readonly onInvocation?: (name: string, memoryMb: number, end: Invocation) => void;
  /** Shards refuse what is above their limits. */
  readonly throttled?: boolean;
  readonly afterTimeout?: 'stop' | 'let run';
  /** Cuts batches anew when they are given again. */
  readonly recut?: Random;
};

/** A resource of the template and what became of it. */
export type MadeResource = { readonly logicalId: string; readonly type: string; readonly name: string };

/** A stack that runs on this machine. */
export type RunningStack = {
  readonly aws: EmulatedAws;
  readonly made: readonly MadeResource[];
  /** What the template has beside, and what nothing here runs: alarms, logs, policies of resources. */
  readonly notRun: readonly MadeResource[];
  readonly outputs: Readonly<Record<string, unknown>>;
  invoke(name: string, event: unknown): Promise<Invocation>;
  /** Kills the processes of a function, as a machine that fails does. */
  kill(name: string): Promise<void>;
  stop(): Promise<void>;
};

/** Types that nothing is lost without: what watches, documents or permits. Roles and policies are looked at elsewhere. */
const NOT_RUN =
  /^AWS::(CDK::Metadata|CloudWatch::\w+|KMS::\w+|Logs::\w+|Lambda::(Permission|EventInvokeConfig|Version|Alias)|S3::BucketPolicy|SQS::QueuePolicy|SNS::(TopicPolicy|Subscription)|Kinesis::(StreamConsumer|ResourcePolicy)|EC2::\w+)$/;
/** Types that end in a delivery, which is told and goes nowhere. */
const DELIVERED = /^AWS::(SNS::Topic|Events::EventBus|KinesisFirehose::DeliveryStream)$/;
const CUSTOM = /^(AWS::CloudFormation::CustomResource|Custom::.+)$/;
const SCHEDULED = /^AWS::(Events::Rule|Scheduler::Schedule)$/;
const RUN = /^AWS::(Lambda::(Function|EventSourceMapping)|IAM::(Role|Policy|ManagedPolicy))$/;

/**
 * Runs a synthesized stack on emulators: makes its streams, tables, buckets and queues, starts its functions behind their
 * event source mappings and schedules, and makes its custom resources.
 *
 * @throws JobSpecError naming all resources that cannot be run, and all settings that are refused
 */
export async function startStack(assembly: Assembly, options: StackOptions = {}): Promise<RunningStack> {
  const place = {
    stack: assembly.stack,
    region: options.region ?? 'us-east-1',
    account: options.account ?? '000000000000',
  };
  const keys = new AccessKeys();
  const functions = new Map<string, MadeFunction>();
  const clock = options.clock ?? systemClock;
  const find = (target: string) => functions.get(functionNameOf(target));
  const aws = await startAws({ ...options, place, clock, callers: keys, findFunction: find });
  const starting = new StackStart({ assembly, options, place, keys, functions, clock, aws });
  try {
    return await starting.run();
  } catch (error) {
    await starting.stop();
    throw error;
  }
}

type Starting = {
  readonly assembly: Assembly;
  readonly options: StackOptions;
  readonly place: Place;
  readonly keys: AccessKeys;
  readonly functions: Map<string, MadeFunction>;
  readonly clock: Clock;
  readonly aws: EmulatedAws;
};

/** One start, from the template to what runs. */
class StackStart {
  readonly #start: Starting;
  readonly #resolver: TemplateResolver;
  readonly #stopping = new AbortController();
  readonly #running: Promise<void>[] = [];

  constructor(start: Starting) {
    this.#start = start;
    this.#resolver = new TemplateResolver(
      start.assembly.template,
      start.place,
      identifierOf(start.place, start.aws.queueUrl),
    );
  }

  async run(): Promise<RunningStack> {
    const { aws } = this.#start;
    this.#refuseUnknown();
    const mappings = this.#mappings();
    for (const resource of this.#ofType(isStorage)) await makeStorage(aws, this.#resolver, resource);
    this.#makeFunctions();
    await this.#poll(mappings);
    for (const [logicalId, type] of this.#ofType((type) => CUSTOM.test(type))) await this.#custom(logicalId, type);
    this.#schedule();
    const named = this.#ofType(() => true).map(([logicalId, type]) => this.#named(logicalId, type));
    return {
      aws,
      made: named.filter(({ type }) => !NOT_RUN.test(type)),
      notRun: named.filter(({ type }) => NOT_RUN.test(type)),
      outputs: this.#resolver.outputs(),
      invoke: (name, event) => this.#functionOf(name).lambda.invoke(JSON.stringify(event)),
      kill: (name) => this.#functionOf(name).lambda.stop(),
      stop: () => this.stop(),
    };
  }

  /** Functions first, so that whoever waits for one is told that it is gone. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    await Promise.all([...this.#start.functions.values()].map(({ lambda }) => lambda.stop()));
    await Promise.all(this.#running);
    await this.#start.aws.close();
  }

  #ofType(fits: (type: string) => boolean): readonly (readonly [string, string])[] {
    return this.#resolver.resources.filter(([, { Type }]) => fits(Type)).map(([id, { Type }]) => [id, Type]);
  }

  #named(logicalId: string, type: string): MadeResource {
    return { logicalId, type, name: this.#resolver.identityOf(logicalId).ref };
  }

  #refuseUnknown(): void {
    const known = (type: string) =>
      isStorage(type) || [NOT_RUN, DELIVERED, CUSTOM, SCHEDULED, RUN].some((types) => types.test(type));
    const faults = this.#ofType((type) => !known(type)).map(
      ([path, type]): Fault => ({
        path,
        message: `${type} is not run here; deploy the job to AWS, or replace what needs it`,
      }),
    );
    if (faults.length > 0) throw new JobSpecError(faults);
  }

  #mappings(): readonly MappingSettings[] {
    const faults: Fault[] = [];
    const mappings = this.#ofType((type) => type === 'AWS::Lambda::EventSourceMapping').flatMap(([id]) => {
      const properties = this.#resolver.propertiesOf(id);
      if (properties.Enabled === false) return [];
      try {
        return [readMapping(id, properties, this.#isInbox(properties.FunctionName))];
      } catch (error) {
        if (!(error instanceof JobSpecError)) throw error;
        faults.push(...error.faults);
        return [];
      }
    });
    if (faults.length > 0) throw new JobSpecError(faults);
    return mappings;
  }

  /** A stage without a source of its own reads an inbox. */
  #isInbox(target: unknown): boolean {
    const isTarget = (id: string) => this.#resolver.identityOf(id).ref === functionNameOf(String(target));
    const [id] = this.#ofType((type) => type === 'AWS::Lambda::Function').find(([one]) => isTarget(one)) ?? [];
    if (id === undefined) return false;
    const { Variables = {} } = (this.#resolver.propertiesOf(id).Environment ?? {}) as { readonly Variables?: object };
    return 'MILLRACE_STAGE' in Variables && !('MILLRACE_SOURCE' in Variables);
  }

  #makeFunctions(): void {
    const { assembly, options, keys, functions, clock, aws } = this.#start;
    const roles = rolesOf(this.#resolver);
    for (const [id] of this.#ofType((type) => type === 'AWS::Lambda::Function')) {
      const properties = this.#resolver.propertiesOf(id);
      const identity = this.#resolver.identityOf(id);
      const roleArn = String(properties.Role);
      const role = roles.get(roleArn);
      if (role === undefined)
        throw new JobSpecError([{ path: `${id}.Role`, message: `${roleArn} is no role of the template` }]);
      const lambda = makeFunction(assembly.assets, identity, properties, {
        clock,
        variables: aws.variables,
        accessKey: keys.issue(role),
        afterTimeout: options.afterTimeout ?? 'stop',
        onLog: options.onLog ?? (() => {}),
        onInvocation: options.onInvocation ?? (() => {}),
      });
      functions.set(identity.ref, { arn: String(identity.attributes.Arn), lambda, role, roleArn });
    }
  }

  async #poll(mappings: readonly MappingSettings[]): Promise<void> {
    const { options, place, clock, aws } = this.#start;
    const file = options.folder === undefined ? undefined : join(options.folder, 'positions.json');
    const positions = await PositionFile.open(file);
    const { signal } = this.#stopping;
    for (const settings of mappings) {
      const target = this.#functionOf(settings.target);
      const common = { aws, target, region: place.region, clock, signal, positions };
      const onLog = options.onLog ?? (() => {});
      this.#running.push(startMapping(settings, { ...common, recut: options.recut, onLog }));
    }
  }

  async #custom(logicalId: string, type: string): Promise<void> {
    const properties = this.#resolver.propertiesOf(logicalId);
    const { lambda } = this.#functionOf(String(properties.ServiceToken));
    await makeCustomResource(lambda, { logicalId, type, properties, place: this.#start.place });
  }

  #schedule(): void {
    for (const [id] of this.#ofType((type) => SCHEDULED.test(type))) {
      for (const schedule of schedulesOf(id, this.#resolver.propertiesOf(id))) {
        const { lambda } = this.#functionOf(schedule.target);
        const cancel = runSchedule(schedule, (event) => void invokeUntilDone(lambda, event), this.#start.clock);
        this.#stopping.signal.addEventListener('abort', cancel);
      }
    }
  }

  #functionOf(target: string): MadeFunction {
    const found = this.#start.functions.get(functionNameOf(target));
    if (found) return found;
    throw new JobSpecError([{ path: target, message: 'is no function of the template' }]);
  }
}
