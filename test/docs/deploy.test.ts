import { mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { App } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { describe, expect, it } from 'vitest';
import { differenceOf, explainDifference } from '../../core/graph/plan-difference.ts';
import { describeJob } from '../../functions/bundle/describe-job.ts';
import { jobModuleOf } from '../../functions/bundle/job-module.ts';
import { PAGE_VIEWS } from '../cdk/deploy.ts';
import { website } from './deploy.ts';

const document = readFileSync(new URL('../../docs/deploy.md', import.meta.url), 'utf8');

describe('docs/deploy.md', () => {
  it('shows an app that is compiled and makes a stack', () => {
    const code = readFileSync(new URL('./deploy.ts', import.meta.url), 'utf8');
    const region = /\/\/ #region deploy\n([\s\S]*?)\n *\/\/ #endregion/.exec(code)?.[1]?.replaceAll(/^ {2}/gm, '');
    expect(document).toContain(`\`\`\`ts deploy\n${region}\n\`\`\``);
    const app = new App({
      outdir: mkdtempSync(join(tmpdir(), 'millrace-doc-')),
      builtinCloudFormationValidation: false,
    });
    const template = Template.fromStack(website(app));
    template.hasResourceProperties('AWS::Kinesis::Stream', { Name: 'page-views-perPage', ShardCount: 4 });
    template.hasResourceProperties('AWS::Lambda::Function', { Timeout: 180, MemorySize: 2048 });
  });

  it('shows what is told of a job whose key changed', () => {
    const spec = specOf();
    const plan = (spec: object) => describeJob(jobModuleOf(spec as never)).plan;
    const changed = { ...spec, operators: { perPage: { ...spec.operators.perPage, keyBy: 'agent' } } };
    const told = explainDifference(differenceOf(plan(spec), plan(changed)));
    expect(document).toContain(`\`\`\`text difference\n${told}\`\`\``);
  });
});

/** The job of the page as a value, its module found from anywhere. */
function specOf() {
  const { spec } = jobModuleOf(PAGE_VIEWS).read ?? { spec: {} };
  return JSON.parse(JSON.stringify(spec).replaceAll('./clicks.ts', join(PAGE_VIEWS, '..', 'clicks.ts')));
}
