import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Clock } from '../../../core/port/clock.ts';
import { LambdaFunction } from '../lambda/lambda-function.ts';
import type { Invocation } from '../mapping/invocation.ts';
import type { Role } from '../role/role-gate.ts';
import type { Assembly } from '../template/read-assembly.ts';
import type { Identity, Properties } from '../template/template.ts';

export type MakeFunctionOptions = {
  readonly clock: Clock;
  /** Where the emulated services are. */
  readonly variables: Readonly<Record<string, string>>;
  readonly accessKey: string;
  readonly afterTimeout: 'stop' | 'let run';
  readonly onLog: (name: string, line: string) => void;
  readonly onInvocation: (name: string, memoryMb: number, end: Invocation) => void;
};

/** A function of the template with what is known of it. */
export type MadeFunction = {
  readonly arn: string;
  readonly lambda: LambdaFunction;
  readonly role: Role;
  readonly roleArn: string;
};

/** The name in a name or an ARN of a function, with a version or an alias or without. */
export function functionNameOf(target: string): string {
  return target.replace(/^.*:function:/, '').split(':')[0] ?? '';
}

/** Lambda's own defaults. */
const DEFAULT_TIMEOUT_S = 3;
const DEFAULT_MEMORY_MB = 128;
/** How many processes of one function this machine is to hold at most. */
const MAX_CONCURRENCY = 10;

/** @throws Error where the code of the function is no module of Node that the assembly has */
export function makeFunction(
  assets: Assembly['assets'],
  { ref: name, attributes: { Arn: arn = '' } }: Identity,
  properties: Properties,
  options: MakeFunctionOptions,
): LambdaFunction {
  const memoryMb = Number(properties.MemorySize ?? DEFAULT_MEMORY_MB);
  const { file, handler } = handlerOf(assets, name, properties);
  const given = (properties.Environment as { readonly Variables?: Readonly<Record<string, string>> } | undefined)
    ?.Variables;
  return new LambdaFunction({
    start: { module: pathToFileURL(file).href, handler, functionName: name, functionArn: arn, memoryMb },
    variables: { ...given, ...options.variables, ...ofLambda(name, memoryMb), ...keysOf(options.accessKey) },
    timeoutMs: Number(properties.Timeout ?? DEFAULT_TIMEOUT_S) * 1_000,
    clock: options.clock,
    concurrency: Number(properties.ReservedConcurrentExecutions ?? MAX_CONCURRENCY),
    afterTimeout: options.afterTimeout,
    onLog: (line) => options.onLog(name, line),
    onInvocation: (end) => options.onInvocation(name, memoryMb, end),
  });
}

function handlerOf(assets: Assembly['assets'], name: string, { Code, Handler, Runtime }: Properties) {
  const folder = assets.get(String((Code as { readonly S3Key?: string }).S3Key));
  if (!String(Runtime).startsWith('nodejs'))
    throw new Error(`the function ${name} runs on ${Runtime}; here is Node alone`);
  if (folder === undefined) throw new Error(`the code of the function ${name} is no asset of the stack`);
  const [path = '', handler = ''] = String(Handler).split(/\.(?=[^.]+$)/);
  const file = ['.mjs', '.js', '.cjs'].map((ending) => join(folder, path + ending)).find((one) => existsSync(one));
  if (file === undefined) throw new Error(`the function ${name} has no module ${path} in ${folder}`);
  return { file, handler };
}

/** What Lambda itself tells a function. */
function ofLambda(name: string, memoryMb: number): Record<string, string> {
  return {
    AWS_LAMBDA_FUNCTION_NAME: name,
    AWS_LAMBDA_FUNCTION_MEMORY_SIZE: String(memoryMb),
    AWS_LAMBDA_FUNCTION_VERSION: '$LATEST',
    AWS_LAMBDA_INITIALIZATION_TYPE: 'on-demand',
    AWS_EXECUTION_ENV: 'AWS_Lambda_nodejs24.x',
    NODE_OPTIONS: '--enable-source-maps',
    TZ: ':UTC',
  };
}

function keysOf(accessKey: string): Record<string, string> {
  return { AWS_ACCESS_KEY_ID: accessKey, AWS_SECRET_ACCESS_KEY: 'emulated', AWS_SESSION_TOKEN: 'emulated' };
}
