import { createHash } from 'node:crypto';
import { mkdir, rename, writeFile } from 'node:fs/promises';
import { basename, dirname, extname, join, relative, resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { type BuildFailure, build, type Message, type Plugin } from 'esbuild';
import { type Fault, JobSpecError } from '../../core/error/error.ts';

/**
 * A user's modules as one JavaScript module, made by esbuild on every runtime, so that a laptop and a Lambda run the same
 * code. Packages stay outside and are found from the project's own node_modules; `millrace` itself is the installation
 * that is running, or its classes would not be the ones the runtime knows.
 */
export type Bundle = {
  /** A module whose default export is the job. */
  readonly url: URL;
};

/** The code of an entry module that stands beside the job's file and may import what the job's file may. */
export type Entry = { readonly code: string; readonly file: string };

/** Where the doors of the package are in this installation: TypeScript in the repository, JavaScript once built. */
export const DOORS: Readonly<Record<string, string>> = {
  millrace: doorOf('../../core/index'),
  'millrace/testing': doorOf('../../core/testing/index'),
};

/** Where a module of this installation is, by its path from this folder without its ending. */
export function doorOf(path: string): string {
  return new URL(`${path}${extname(fileURLToPath(import.meta.url))}`, import.meta.url).href;
}

/**
 * Bundles an entry into `.millrace/build` of the folder of the job's file.
 *
 * @throws JobSpecError with the place of everything that does not compile or resolve
 */
export async function bundleEntry({ code, file }: Entry): Promise<Bundle> {
  const folder = dirname(file);
  const output = await build({
    stdin: { contents: code, resolveDir: folder, sourcefile: `${basename(file)}.entry.ts`, loader: 'ts' },
    bundle: true,
    format: 'esm',
    platform: 'node',
    target: 'node22',
    packages: 'external',
    plugins: [thisMillrace],
    sourcemap: 'inline',
    absWorkingDir: folder,
    write: false,
    logLevel: 'silent',
  }).catch((failure: unknown) => {
    throw refusalOf(failure, folder);
  });
  const text = output.outputFiles[0]?.text ?? '';
  return { url: await write(join(folder, '.millrace', 'build'), basename(file), text) };
}

const thisMillrace: Plugin = {
  name: 'this-millrace',
  setup(setup) {
    setup.onResolve({ filter: /^millrace(\/.*)?$/ }, ({ path }) => {
      const door = DOORS[path];
      if (door === undefined)
        return { errors: [{ text: `"${path}" is no door of millrace; it has ${Object.keys(DOORS).join(', ')}` }] };
      return { path: door, external: true };
    });
    setup.onResolve({ filter: /^file:\/\// }, ({ path }) => ({ path, external: true }));
  },
};

export function refusalOf(failure: unknown, folder: string): unknown {
  const errors = (failure as Partial<BuildFailure>).errors;
  if (!Array.isArray(errors)) return failure;
  return new JobSpecError(errors.map((message: Message) => faultOf(message, folder)));
}

function faultOf({ text, location }: Message, folder: string): Fault {
  if (location === null) return { path: '', message: text };
  const file = relative(process.cwd(), resolve(folder, location.file));
  return { path: '', message: text, place: { file, line: location.line, column: location.column + 1 } };
}

/** Named by content, so that a job that did not change is not written again and one that runs is never overwritten. */
async function write(folder: string, name: string, text: string): Promise<URL> {
  await mkdir(folder, { recursive: true });
  const hash = createHash('sha256').update(text).digest('hex').slice(0, 12);
  const file = join(folder, `${name.replace(/\.[^.]+$/, '')}-${hash}.mjs`);
  const draft = `${file}.${process.pid}.draft`;
  await writeFile(draft, text);
  await rename(draft, file);
  return pathToFileURL(file);
}
