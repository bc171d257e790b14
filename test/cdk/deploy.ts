import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { App, Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { StreamJob, type StreamJobProps } from '../../cdk/index.ts';
import type { JobSpec } from '../../core/job/spec/schema.ts';

const fixture = (name: string) => fileURLToPath(new URL(`../bundle/fixture/${name}`, import.meta.url));

/** Clicks of a stream, counted per page, into a table. */
export const PAGE_VIEWS = fixture('page-views.yaml');
/** Ends of jobs that say what they use in AWS. */
export const ENDS = `${fixture('clicks.ts')}`;

export type Resource = {
  readonly Type: string;
  readonly Properties: Record<string, never>;
  readonly DependsOn?: string[];
};

/** An app with one stack, whose assembly goes to a folder of its own. */
export function newStack(): Stack {
  const app = new App({
    outdir: mkdtempSync(join(tmpdir(), 'millrace-cdk-')),
    context: { 'aws:cdk:bundling-stacks': [] },
    analyticsReporting: false,
    builtinCloudFormationValidation: false,
  });
  return new Stack(app, 'Stack');
}

/** A job deployed into a stack of its own. */
export function deploy(props: Partial<StreamJobProps> = {}, stack = newStack()) {
  const job = new StreamJob(stack, 'Job', { job: PAGE_VIEWS, ...props });
  return { job, stack, template: () => Template.fromStack(stack) };
}

/** The resources of a type by logical id. */
export function resourcesOf(template: Template, type: string): readonly (readonly [string, Resource])[] {
  return Object.entries(template.findResources(type)) as unknown as (readonly [string, Resource])[];
}

/** The properties of the one resource of a type whose logical id has this in it. */
export function propertiesOf<T>(template: Template, type: string, part: string): T {
  const [found] = resourcesOf(template, type).filter(([id]) => id.includes(part));
  if (found === undefined) throw new Error(`there is no ${type} with ${part} in its name`);
  return found[1].Properties as T;
}

/** A job of so many stages in a row, each keyed anew. */
export function rowOfStages(stages: number): JobSpec {
  const names = Array.from({ length: stages - 1 }, (_, index) => `stage${index + 1}`);
  const operators = names.map((name, index) => [
    name,
    {
      input: index === 0 ? 'clicks' : names[index - 1],
      keyBy: index % 2 === 0 ? 'page' : 'views',
      window: { tumbling: '10s' },
      aggregate: { [index % 2 === 0 ? 'views' : 'page']: 'count(*)' },
    },
  ]);
  return {
    job: 'row',
    sources: { clicks: { source: `${ENDS}#clicks`, eventTime: { field: 'at', outOfOrderness: '5s' } } },
    operators: Object.fromEntries(operators),
    sinks: { table: { input: names.at(-1) ?? 'clicks', sink: `${ENDS}#views` } },
  } as JobSpec;
}
