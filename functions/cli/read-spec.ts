import { existsSync } from 'node:fs';
import { dirname, relative, resolve } from 'node:path';
import { type Fault, JobSpecError } from '../../core/error/error.ts';
import type { Job } from '../../core/job/job.ts';
import { type Endpoints, replaceSpecEndpoints } from '../../core/job/replace-endpoints.ts';
import { type Locate, readDocument } from '../../core/job/spec/document.ts';
import { referencesOf } from '../../core/job/spec/reference.ts';
import type { JobSpec } from '../../core/job/spec/schema.ts';
import { allFaults, pathText, type SpecFault, stepsOf } from '../../core/job/spec/spec-fault.ts';
import { structureOf } from '../../core/job/spec/structure.ts';

/** A spec that was read and checked as far as can be without the functions that it refers to. */
export type ReadSpec = {
  /** What is well-formed of it. */
  readonly spec: JobSpec;
  /** The modules that it refers to and that are there. */
  readonly modules: readonly string[];
  /** All that is wrong with it so far. */
  readonly faults: readonly Fault[];
  readonly shapeFaults: readonly SpecFault[];
  readonly place: (fault: SpecFault) => Fault;
};

/** Reads the text of a spec. Faults are told, not thrown, so that those found later come in the same go. */
export function readSpec(file: string, text: string, endpoints: Endpoints): ReadSpec {
  const document = readDocument(text, relative(process.cwd(), file));
  const replaced = replaceSpecEndpoints(document.value, endpoints);
  const { spec, faults } = structureOf(replaced.spec);
  const missing = missingModules(spec, file);
  const absent = new Set(missing.map(({ module }) => module));
  const place = placing(document.locate);
  return {
    spec,
    modules: [...new Set(referencesOf(spec).map(({ module }) => module))].filter((module) => !absent.has(module)),
    faults: [
      ...replaced.faults,
      ...document.faults.map(({ path, message, place: at }) => ({ path: pathText(path), message, place: at })),
      ...[...faults, ...missing].map(place),
    ],
    shapeFaults: faults,
    place,
  };
}

/**
 * The warnings of a job that was built of a spec, with their places.
 *
 * @throws JobSpecError listing all that is wrong with the spec and with the job, as it stands in the file
 */
export function settle(
  { spec, faults, shapeFaults, place }: ReadSpec,
  built: { readonly default: Job; readonly faults: readonly SpecFault[] },
): readonly Fault[] {
  const all = inOrder([...faults, ...allFaults(shapeFaults, built.faults).map(place)]);
  if (all.length > 0) throw new JobSpecError(all);
  return built.default.warnings.map(({ path, message }) => place({ path: stepsOf(path, spec), message }));
}

function missingModules(spec: JobSpec, file: string): readonly (SpecFault & { readonly module: string })[] {
  const beside = relative(process.cwd(), file);
  return referencesOf(spec)
    .filter(({ module }) => !existsSync(resolve(dirname(file), module)))
    .map(({ module, path }) => ({ module, path, message: `there is no file ${module} beside ${beside}` }));
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
