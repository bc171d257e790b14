import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { clientOptions } from '../../functions/adapter/client-options.ts';
import { coordinatorName } from '../../functions/deployment/physical-name.ts';
import { PAGE_VIEWS } from '../e2e/emulated-job.ts';

const run = promisify(execFile);
const MAIN = fileURLToPath(new URL('../../functions/cli/main.ts', import.meta.url));

/** Change sets of LocalStack fail at a custom resource that is added, so the stack is made directly. */
const WORDS = ['--method=direct', '--require-approval=never'];

export type DeployedStack = {
  readonly stream: string;
  readonly table: string;
  readonly bucket: string;
  destroy(): Promise<unknown>;
};

/** Deploys the page views by `millrace deploy`, all under names of their own, into the account that the environment says. */
export async function deployPageViews(folder: string): Promise<DeployedStack> {
  const job = `page-views-${randomUUID().slice(0, 8)}`;
  const [stream, table] = [`${job}-clicks`, `${job}-rows`];
  const file = join(folder, 'job.yaml');
  const text = await readFile(PAGE_VIEWS, 'utf8');
  const named = text.replace('job: page-views', `job: ${job}`).replace('stream: clicks', `stream: ${stream}`);
  await writeFile(file, named.replace('table: PageViews', `table: ${table}`));
  const outputs = join(folder, 'outputs.json');
  const options = [file, '-o', join(folder, 'cdk.out'), '--create-endpoints', '--drop-state', '--'];
  const millrace = (command: string, words: readonly string[]) =>
    run(process.execPath, [MAIN, command, ...options, ...words], { cwd: folder });
  await millrace('deploy', [...WORDS, '--outputs-file', outputs]);
  await start(job);
  return { stream, table, bucket: await bucketIn(outputs), destroy: () => millrace('destroy', ['--force']) };
}

/** LocalStack may leave out the custom resource that starts the job; a second start changes nothing. */
async function start(job: string): Promise<void> {
  const command = { FunctionName: coordinatorName(job), Payload: Buffer.from('{"command":"start"}') };
  const { FunctionError, Payload = [] } = await new LambdaClient(clientOptions()).send(new InvokeCommand(command));
  if (FunctionError !== undefined) throw new Error(`${job} was not started: ${Buffer.from(Payload).toString()}`);
}

async function bucketIn(outputs: string): Promise<string> {
  const stacks = JSON.parse(await readFile(outputs, 'utf8')) as Record<string, Record<string, string>>;
  const found = Object.values(stacks).flatMap((stack) => Object.entries(stack));
  const bucket = found.find(([name]) => name.startsWith('JobBucketName'))?.[1];
  if (bucket === undefined) throw new Error(`the stack tells of no bucket: ${JSON.stringify(stacks)}`);
  return bucket;
}
