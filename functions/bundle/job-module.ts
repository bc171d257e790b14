import { readFileSync } from 'node:fs';
import { basename, dirname, extname, relative, resolve } from 'node:path';
import { JobSpecError } from '../../core/error/error.ts';
import type { Endpoints } from '../../core/job/replace-endpoints.ts';
import type { RecordedCode } from '../../core/job/spec/expression-recorder.ts';
import type { JobSpec } from '../../core/job/spec/schema.ts';
import { type ReadSpec, readSpec } from '../cli/read-spec.ts';
import { installedPath } from './build-bundle.ts';
import { connectorCode } from './deployed-connector.ts';

/** The path of a job's file, or a spec as a value. Modules that such a spec refers to stand in the working directory. */
export type JobSource = string | JobSpec;

/** A job as the beginning of a module: code that declares `job` and `faults`, and of a spec the `expressions` it has. */
export type JobModule = {
  readonly code: string;
  /** From where its imports are resolved. */
  readonly folder: string;
  /** For messages and names of files. */
  readonly name: string;
  /** Of a spec; a module is checked as it is made. */
  readonly read?: ReadSpec;
};

/** The same job with the expressions that were compiled while it was described, so that its bundle holds no compiler. */
export function withCompiled(module: JobModule, { code, names }: RecordedCode): JobModule {
  if (module.read === undefined) return module;
  const runtime = JSON.stringify(installedPath('../../core/expression/runtime/runtime'));
  const expressions = `import { CompiledExpressions } from ${JSON.stringify(installedPath('../../core/job/spec/compiled-expressions'))};
${names.length === 0 ? '' : `import { ${names.join(', ')} } from ${runtime};`}
const $ = { ${names.join(', ')} };
const expressions = new CompiledExpressions(${code});`;
  return { ...module, code: specCode(module.read, expressions) };
}

const SPECS = ['.yaml', '.yml', '.json'];
const MODULES = ['.ts', '.mts', '.js', '.mjs'];
const UNCHANGED: Endpoints = { sources: {}, sinks: {} };

/**
 * Reads a job; nothing of it runs.
 *
 * @throws JobSpecError where there is no such file, or it can be no job
 */
export function jobModuleOf(source: JobSource, endpoints: Endpoints = UNCHANGED): JobModule {
  if (typeof source !== 'string') return specModule(resolve('job.json'), JSON.stringify(source), endpoints);
  const file = resolve(source);
  if (SPECS.includes(extname(file))) return specModule(file, textOf(file), endpoints);
  if (!MODULES.includes(extname(file))) throw refusal(file, 'is no job; name a .ts, .js, .yaml or .json file');
  textOf(file);
  const given = JSON.stringify(endpoints);
  const replaces = Object.keys({ ...endpoints.sources, ...endpoints.sinks }).length > 0;
  const code = replaces
    ? `import given from ${JSON.stringify(`./${basename(file)}`)};
import { replaceEndpoints } from ${JSON.stringify(installedPath('../../core/job/replace-endpoints'))};
const job = given?.kind === 'job' ? replaceEndpoints(given, ${given}) : given;`
    : `import job from ${JSON.stringify(`./${basename(file)}`)};`;
  return { code: `${code}\nconst faults = [];`, folder: dirname(file), name: basename(file) };
}

function specModule(file: string, text: string, endpoints: Endpoints): JobModule {
  const read = readSpec(file, text, endpoints);
  const recorder = `import { ExpressionRecorder } from ${JSON.stringify(installedPath('../../core/job/spec/expression-recorder'))};
const expressions = new ExpressionRecorder();`;
  return { code: specCode(read, recorder), folder: dirname(file), name: basename(file), read };
}

/** `expressions` is code that declares a variable of this name. */
function specCode({ spec, modules }: ReadSpec, expressions: string): string {
  const imports = modules.map((path, index) => `import * as module${index} from ${JSON.stringify(path)};`);
  const named = modules.map((path, index) => `${JSON.stringify(path)}: module${index}`);
  const connectors = connectorCode(spec, installedPath);
  return `import { checkedJobOfSpec } from ${JSON.stringify(installedPath('../../core/job/spec/build'))};
${connectors.imports}
${imports.join('\n')}
${expressions}
const { job, faults } = checkedJobOfSpec(JSON.parse(${JSON.stringify(JSON.stringify(spec))}), {
  modules: { ${named.join(', ')} },
  connectors: ${connectors.value},
  expressions,
});`;
}

function textOf(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    throw refusal(file, code === 'ENOENT' ? 'there is no such file' : message);
  }
}

function refusal(file: string, message: string): JobSpecError {
  return new JobSpecError([{ path: '', message, place: { file: relative(process.cwd(), file) } }]);
}
