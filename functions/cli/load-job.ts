import { readFile } from 'node:fs/promises';
import { basename, extname, relative, resolve } from 'node:path';
import { JobSpecError } from '../../core/error/error.ts';
import type { Job } from '../../core/job/job.ts';
import type { Endpoints } from '../../core/job/replace-endpoints.ts';
import type { SpecFault } from '../../core/job/spec/spec-fault.ts';
import { bundleEntry, doorOf } from './bundle-job.ts';
import { type ReadSpec, readSpec, settle } from './read-spec.ts';

/** A job that was found, with the module that workers import. */
export type LoadedJob = { readonly job: Job; readonly module: URL; readonly file: string };

const SPECS = new Set(['.yaml', '.yml', '.json']);
const MODULES = new Set(['.ts', '.mts', '.js', '.mjs']);
const UNCHANGED: Endpoints = { sources: {}, sinks: {} };

/**
 * Bundles and imports a job: a spec with the modules that it refers to, or a module whose default export is a job.
 *
 * @throws JobSpecError listing all that is wrong
 */
export async function loadJob(path: string, endpoints: Endpoints = UNCHANGED): Promise<LoadedJob> {
  const file = resolve(path);
  if (SPECS.has(extname(file))) return loadSpec(file, endpoints);
  if (!MODULES.has(extname(file))) throw refusal(path, 'is no job; name a .ts, .js, .yaml or .json file');
  await textOf(file);
  const code = `import * as given from ${JSON.stringify(`./${basename(file)}`)};
import { replaceEndpoints } from ${JSON.stringify(doorOf('../../core/job/replace-endpoints'))};
const job = given['default'];
export default job?.kind === 'job' ? replaceEndpoints(job, ${JSON.stringify(endpoints)}) : job;`;
  const { url } = await bundleEntry({ code, file });
  const { default: job } = (await import(url.href)) as { default?: Job };
  if (job?.kind !== 'job') throw refusal(path, 'does not export a job as its default; write `export default job(…)`');
  return { job, module: url, file };
}

async function loadSpec(file: string, endpoints: Endpoints): Promise<LoadedJob> {
  const read = readSpec(file, await textOf(file), endpoints);
  const { url } = await bundleEntry({ code: entryOf(read), file }).catch((error: unknown) => {
    throw error instanceof JobSpecError ? new JobSpecError([...read.faults, ...error.faults]) : error;
  });
  const built = (await import(url.href)) as { readonly default: Job; readonly faults: readonly SpecFault[] };
  const warnings = settle(read, built);
  return { job: { ...built.default, warnings }, module: url, file };
}

/** A module that builds the job, with the spec in it: what workers import too. */
function entryOf({ spec, modules }: ReadSpec): string {
  const imports = modules.map((path, index) => `import * as module${index} from ${JSON.stringify(path)};`);
  const named = modules.map((path, index) => `${JSON.stringify(path)}: module${index}`);
  return `import { checkedJobOfSpec } from ${JSON.stringify(doorOf('../../core/job/spec/build'))};
import { ExpressionCompiler } from ${JSON.stringify(doorOf('../../core/job/spec/expression-compiler'))};
import { ALL_CONNECTORS as connectors } from ${JSON.stringify(doorOf('../../core/connector/registry'))};
${imports.join('\n')}
const modules = { ${named.join(', ')} };
const expressions = new ExpressionCompiler();
const spec = JSON.parse(${JSON.stringify(JSON.stringify(spec))});
const { job, faults } = checkedJobOfSpec(spec, { modules, connectors, expressions });
export { faults };
export default job;`;
}

async function textOf(file: string): Promise<string> {
  return readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
    throw refusal(file, error.code === 'ENOENT' ? 'there is no such file' : error.message);
  });
}

function refusal(path: string, message: string): JobSpecError {
  return new JobSpecError([{ path: '', message, place: { file: relative(process.cwd(), resolve(path)) } }]);
}
