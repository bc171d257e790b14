import { readFile } from 'node:fs/promises';
import { extname, relative, resolve } from 'node:path';
import { type Fault, JobSpecError } from '../../core/error/error.ts';
import type { Job } from '../../core/job/job.ts';
import { readDocument } from '../../core/job/spec/document.ts';
import { pathText } from '../../core/job/spec/spec-fault.ts';
import { structureOf } from '../../core/job/spec/structure.ts';
import { bundleEntry } from './bundle-job.ts';

/** A job that was found, with the module that workers import. */
export type LoadedJob = { readonly job: Job; readonly module: URL; readonly file: string };

const SPECS = new Set(['.yaml', '.yml', '.json']);
const MODULES = new Set(['.ts', '.mts', '.js', '.mjs']);

/**
 * Bundles and imports a job's module. Its default export must be a job.
 *
 * @throws JobSpecError listing all that is wrong
 */
export async function loadJob(path: string): Promise<LoadedJob> {
  const file = resolve(path);
  if (SPECS.has(extname(file))) {
    const faults = await specFaults(file);
    if (faults.length > 0) throw new JobSpecError(faults);
    throw refusal(path, 'is well-formed, and this version runs jobs written in TypeScript only; write it with the API');
  }
  if (!MODULES.has(extname(file))) throw refusal(path, 'is no job; name a .ts, .js, .yaml or .json file');
  await textOf(file);
  const { url } = await bundleEntry({ code: `export { default } from ${JSON.stringify(file)};`, file });
  const { default: job } = (await import(url.href)) as { default?: Job };
  if (job?.kind !== 'job') throw refusal(path, 'does not export a job as its default; write `export default job(…)`');
  return { job, module: url, file };
}

/** All that is wrong with the shape of a spec. */
export async function specFaults(file: string): Promise<readonly Fault[]> {
  const name = relative(process.cwd(), file);
  const document = readDocument(await textOf(file), name);
  const syntax = document.faults.map(({ path, message, place }) => ({ path: pathText(path), message, place }));
  const structure = structureOf(document.value).faults.map(({ path, message, at, offset }) => ({
    path: pathText(path),
    message,
    place: document.locate(path, at, offset),
  }));
  return [...syntax, ...structure];
}

async function textOf(file: string): Promise<string> {
  return readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
    throw refusal(file, error.code === 'ENOENT' ? 'there is no such file' : error.message);
  });
}

function refusal(path: string, message: string): JobSpecError {
  return new JobSpecError([{ path: '', message, place: { file: relative(process.cwd(), resolve(path)) } }]);
}
