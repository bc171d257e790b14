import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { LambdaClient } from '@aws-sdk/client-lambda';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { synthesizeJob } from '../../cdk/app.ts';
import { loadPart, runCdk } from '../../functions/cli/cdk-command.ts';
import { synthCommand } from '../../functions/cli/command/synth.ts';
import { deployedPlan } from '../../functions/cli/deployed-plan.ts';
import { EXIT } from '../../functions/cli/exit-code.ts';
import { ENDS, PAGE_VIEWS } from './deploy.ts';

const newFolder = () => mkdtempSync(join(tmpdir(), 'millrace-app-'));

describe('the stack of a job’s file', () => {
  it('is named after the job, and passes the rules of CloudFormation', () => {
    const outdir = newFolder();
    const made = synthesizeJob({ job: PAGE_VIEWS, outdir, validate: true });
    expect(made).toMatchObject({ stackName: 'page-views', deployment: 'page-views', outdir });
    const template = JSON.parse(readFileSync(made.templateFile, 'utf8')) as { Resources: object };
    expect(Object.keys(template.Resources).length).toBeGreaterThanOrEqual(made.resources);
    expect(made.plan.stages).toHaveLength(2);
  });

  it('is the same, byte for byte, when it is made again elsewhere', () => {
    const [first, second] = [1, 2].map(() => synthesizeJob({ job: PAGE_VIEWS, outdir: newFolder() }));
    expect(readFileSync(first?.templateFile ?? '', 'utf8')).toBe(readFileSync(second?.templateFile ?? '', 'utf8'));
  });

  it('has a name that CloudFormation allows', () => {
    const spec = { job: '1st job: clicks & views', sources: { clicks: { source: `${ENDS}#clicks` } }, sinks: {} };
    expect(synthesizeJob({ job: spec, outdir: newFolder() }).stackName).toBe('job-1st-job--clicks---views');
  });
});

describe('the command line', () => {
  it('synthesizes with options, and refuses a change that loses state', async () => {
    const outdir = newFolder();
    const ended: number[] = [];
    const words = [PAGE_VIEWS, '-o', outdir, '--name', 'views-test', '--memory', '512', '--drop-state'];
    const command = () => synthCommand((code) => ended.push(code)).exitOverride();
    await command().parseAsync(words, { from: 'user' });
    const template = readFileSync(join(outdir, 'views-test.template.json'), 'utf8');
    expect(template).toContain('"MemorySize": 512');
    expect(template).not.toContain('"Retain"');
    expect(ended).toEqual([EXIT.done]);

    const { plan } = synthesizeJob({ job: PAGE_VIEWS, outdir: newFolder() });
    const file = join(outdir, 'plan.json');
    writeFileSync(file, JSON.stringify({ ...plan, settings: { ...plan.settings, maxParallelism: 128 } }));
    const changed = () => command().parseAsync([...words, '--deployed-plan', file], { from: 'user' });
    await expect(changed()).rejects.toThrow(/perPage.*LOSES.*maxParallelism was 128 and is 1024/);
  });

  it('runs the CDK on what was synthesized', async () => {
    const { outdir } = synthesizeJob({ job: PAGE_VIEWS, outdir: newFolder() });
    expect(await runCdk(['list', '--app', outdir])).toBe(EXIT.done);
  });

  it('says what to install where the CDK is not there', async () => {
    const part = new URL('../../functions/cli/cdk-command.ts', import.meta.url).href;
    const code = `import('${part}').then(({ loadPart }) => loadPart(() => import('@not/installed/part'))).catch((error) => console.log(error.message))`;
    const { stdout } = await promisify(execFile)(process.execPath, ['--eval', code]);
    expect(stdout).toBe('this needs the package @not/installed; npm install --save-dev @not/installed\n');
    await expect(loadPart(() => Promise.reject(new Error('broken')))).rejects.toThrow(/^broken$/);
  });
});

describe('the plan of a deployed job', () => {
  let server: Server;
  let client: LambdaClient;
  const asked: string[] = [];

  beforeAll(async () => {
    server = createServer((request, response) => {
      request.resume();
      asked.push(request.url ?? '');
      if (request.url?.includes('gone')) {
        response
          .writeHead(404, { 'x-amzn-errortype': 'ResourceNotFoundException' })
          .end('{"Message":"Function not found"}');
      } else if (request.url?.includes('broken')) {
        response.writeHead(200, { 'x-amz-function-error': 'Unhandled' }).end('{"errorMessage":"out of memory"}');
      } else response.end('{"version":1,"job":"page-views"}');
    });
    await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
    client = new LambdaClient({
      endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
      region: 'us-east-1',
      credentials: { accessKeyId: 'a', secretAccessKey: 'b' },
      maxAttempts: 1,
    });
  });
  afterAll(() => {
    client.destroy();
    server.close();
  });

  it('is told by its coordinator', async () => {
    expect(await deployedPlan('page-views', client)).toEqual({ version: 1, job: 'page-views' });
    expect(asked.at(-1)).toContain('/functions/page-views_coordinator/invocations');
  });

  it('is none where nothing is deployed, and an error where it cannot be told', async () => {
    expect(await deployedPlan('gone', client)).toBeUndefined();
    await expect(deployedPlan('broken', client)).rejects.toThrow(
      'broken_coordinator could not tell its plan: {"errorMessage":"out of memory"}',
    );
  });
});
