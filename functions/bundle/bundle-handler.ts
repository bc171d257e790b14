import { dirname, join } from 'node:path';
import type { Plan } from '../../core/graph/plan.ts';
import { type BuiltBundle, type BundleEntry, buildBundle, installedPath, writeBundle } from './build-bundle.ts';
import { writerCode } from './deployed-connector.ts';
import type { JobModule } from './job-module.ts';

/** The functions of a job: one code for all its stages, and the coordinator, which can tell the plan that is deployed. */
export type HandlerEntry =
  /** `writers`: the words of the job's sinks. */
  | { readonly kind: 'stage'; readonly writers: readonly string[] }
  | { readonly kind: 'coordinator'; readonly plan: Plan };

/** A bundle on disk: `index.mjs` in a folder of its own, which exports `handler`. */
export type HandlerBundle = BuiltBundle & { readonly folder: string };

/**
 * Bundles the code of a function for Lambda, minified, of a job as its description has it (`deployed`). The same job gives
 * the same bytes.
 *
 * @throws JobSpecError with the place of everything that does not compile or resolve
 */
export function bundleHandler(module: JobModule, entry: HandlerEntry): HandlerBundle {
  const { code, folder, name } = module;
  return bundled({ code: `${code}\n${entryCode(entry)}`, folder, name }, entry.kind);
}

function bundled(entry: BundleEntry, kind: string): HandlerBundle {
  const built = buildBundle(entry, { minify: true, legalComments: 'none', charset: 'utf8' });
  const file = writeBundle(join(entry.folder, '.millrace', 'build', kind), 'index.mjs', built.text);
  return { ...built, folder: dirname(file) };
}

/** Bundles the function between a queue or table and the stream of a source, which is the same for all jobs. */
export function bundleIntake(folder: string): HandlerBundle {
  const code = `import { intakeHandler } from ${JSON.stringify(installedPath('../intake/handler'))};
export const handler = intakeHandler();`;
  return bundled({ code, folder, name: 'intake' }, 'intake');
}

/** `job` is declared by the module of the job, before this. */
function entryCode(entry: HandlerEntry): string {
  const from = (path: string) => JSON.stringify(installedPath(path));
  switch (entry.kind) {
    case 'stage': {
      const { imports, value } = writerCode(entry.writers, installedPath);
      return `import { stageHandler } from ${from('../stage/handler')};
${imports}
export const handler = stageHandler(job, ${value});`;
    }
    case 'coordinator':
      return `import { coordinatorHandler } from ${from('../coordinator/handler')};
import { answering } from ${from('../coordinator/answering')};
export const handler = answering(JSON.parse(${JSON.stringify(JSON.stringify(entry.plan))}), coordinatorHandler(job));`;
  }
}
