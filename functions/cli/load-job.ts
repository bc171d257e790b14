import { access, readFile } from 'node:fs/promises';
import { basename, dirname, extname, relative, resolve } from 'node:path';
import { type Fault, JobSpecError } from '../../core/error/error.ts';
import type { Job } from '../../core/job/job.ts';
import { type Endpoints, replaceSpecEndpoints } from '../../core/job/replace-endpoints.ts';
import { type Locate, readDocument } from '../../core/job/spec/document.ts';
import { referencesOf } from '../../core/job/spec/reference.ts';
import type { JobSpec } from '../../core/job/spec/schema.ts';
import { allFaults, pathText, type SpecFault } from '../../core/job/spec/spec-fault.ts';
import { structureOf } from '../../core/job/spec/structure.ts';
import { bundleEntry, doorOf } from './bundle-job.ts';

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
  const code = `import job from ${JSON.stringify(`./${basename(file)}`)};
import { replaceEndpoints } from ${JSON.stringify(doorOf('../../core/job/replace-endpoints'))};
export default job?.kind === 'job' ? replaceEndpoints(job, ${JSON.stringify(endpoints)}) : job;`;
  const { url } = await bundleEntry({ code, file });
  const { default: job } = (await import(url.href)) as { default?: Job };
  if (job?.kind !== 'job') throw refusal(path, 'does not export a job as its default; write `export default job(…)`');
  return { job, module: url, file };
}

async function loadSpec(file: string, endpoints: Endpoints): Promise<LoadedJob> {
  const document = readDocument(await textOf(file), relative(process.cwd(), file));
  const replaced = replaceSpecEndpoints(document.value, endpoints);
  const { spec, faults } = structureOf(replaced.spec);
  const missing = await missingModules(spec, file);
  const place = placing(document.locate);
  const known = [
    ...replaced.faults,
    ...document.faults.map(({ path, message, place: at }) => ({ path: pathText(path), message, place: at })),
    ...[...faults, ...missing].map(place),
  ];
  const absent = new Set(missing.map(({ module }) => module));
  const { url } = await bundleEntry({ code: entryOf(spec, absent), file }).catch((error: unknown) => {
    throw error instanceof JobSpecError ? new JobSpecError([...known, ...error.faults]) : error;
  });
  const built = (await import(url.href)) as { readonly default: Job; readonly faults: readonly SpecFault[] };
  const all = inOrder([...known, ...allFaults(faults, built.faults).map(place)]);
  if (all.length > 0) throw new JobSpecError(all);
  const warnings = built.default.warnings.map(({ path, message }) => place({ path: path.split('.'), message }));
  return { job: { ...built.default, warnings }, module: url, file };
}

/** A module that builds the job, with the spec in it: what workers import too. */
function entryOf(spec: JobSpec, absent: ReadonlySet<string>): string {
  const modules = [...new Set(referencesOf(spec).map(({ module }) => module))].filter((path) => !absent.has(path));
  const imports = modules.map((path, index) => `import * as module${index} from ${JSON.stringify(path)};`);
  const named = modules.map((path, index) => `${JSON.stringify(path)}: module${index}`);
  return `import { checkedJobOfSpec } from ${JSON.stringify(doorOf('../../core/job/spec/build'))};
import { LOCAL_CONNECTORS as connectors } from ${JSON.stringify(doorOf('../../core/connector/registry'))};
${imports.join('\n')}
const modules = { ${named.join(', ')} };
const { job, faults } = checkedJobOfSpec(JSON.parse(${JSON.stringify(JSON.stringify(spec))}), { modules, connectors });
export { faults };
export default job;`;
}

async function missingModules(
  spec: JobSpec,
  file: string,
): Promise<readonly (SpecFault & { readonly module: string })[]> {
  const missing: (SpecFault & { readonly module: string })[] = [];
  for (const { module, path } of referencesOf(spec)) {
    const found = await access(resolve(dirname(file), module)).then(
      () => true,
      () => false,
    );
    if (!found)
      missing.push({ module, path, message: `there is no file ${module} beside ${relative(process.cwd(), file)}` });
  }
  return missing;
}

function placing(locate: Locate) {
  return ({ path, message, at, offset }: SpecFault): Fault => ({
    path: pathText(path),
    message,
    place: locate(path, at, offset),
  });
}

/** As they stand in the file, each once; those without a place first. */
function inOrder(faults: readonly Fault[]): readonly Fault[] {
  const once = new Map(faults.map((fault) => [JSON.stringify(fault), fault]));
  return [...once.values()].sort(
    (a, b) => (a.place?.line ?? 0) - (b.place?.line ?? 0) || (a.place?.column ?? 0) - (b.place?.column ?? 0),
  );
}

async function textOf(file: string): Promise<string> {
  return readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
    throw refusal(file, error.code === 'ENOENT' ? 'there is no such file' : error.message);
  });
}

function refusal(path: string, message: string): JobSpecError {
  return new JobSpecError([{ path: '', message, place: { file: relative(process.cwd(), resolve(path)) } }]);
}
