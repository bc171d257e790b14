import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type BuildOptions, buildSync, type Metafile } from 'esbuild';
import { DOORS, doorOf, refusalOf } from '../cli/bundle-job.ts';

/** A module that is to be bundled with all that it imports. */
export type BundleEntry = { readonly code: string; readonly folder: string; readonly name: string };

/** A file without imports but of Node's own modules. */
export type BuiltBundle = {
  readonly text: string;
  /** Bytes in the bundle by input file, relative to the entry's folder. */
  readonly inputs: { readonly [file: string]: number };
};

/** Bundled packages that are CommonJS ask for `require`, which a module has not. */
const REQUIRE = `import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);`;

/**
 * Bundles an entry with everything it imports, packages and `millrace` itself included, in one go that can be awaited by
 * nobody: a construct bundles while it is constructed.
 *
 * @throws JobSpecError with the place of everything that does not compile or resolve
 */
export function buildBundle({ code, folder, name }: BundleEntry, options: BuildOptions = {}): BuiltBundle {
  try {
    const { outputFiles, metafile } = buildSync({
      stdin: { contents: code, resolveDir: folder, sourcefile: `${name}.entry.ts`, loader: 'ts' },
      bundle: true,
      format: 'esm',
      platform: 'node',
      target: 'node24',
      mainFields: ['module', 'main'],
      alias: Object.fromEntries(Object.entries(DOORS).map(([door, url]) => [door, fileURLToPath(url)])),
      banner: { js: REQUIRE },
      absWorkingDir: folder,
      logLevel: 'silent',
      ...options,
      metafile: true,
      write: false,
    });
    return { text: outputFiles?.[0]?.text ?? '', inputs: bytesByInput(metafile) };
  } catch (failure) {
    throw refusalOf(failure, folder);
  }
}

/** Where a module of this installation is, by its path from a folder of `functions` without its ending. */
export function installedPath(path: string): string {
  return fileURLToPath(doorOf(path));
}

/**
 * Writes a bundle under a name that follows from its content, so that what did not change is not written again and what
 * runs is never overwritten; the path of the file.
 */
export function writeBundle(folder: string, file: string, text: string): string {
  const hash = createHash('sha256').update(text).digest('hex').slice(0, 12);
  const path = join(folder, hash, file);
  if (existsSync(path)) return path;
  mkdirSync(dirname(path), { recursive: true });
  const draft = `${dirname(path)}-${process.pid}.draft`;
  writeFileSync(draft, text);
  renameSync(draft, path);
  return path;
}

function bytesByInput({ outputs }: Metafile): Record<string, number> {
  const [output] = Object.values(outputs);
  return Object.fromEntries(
    Object.entries(output?.inputs ?? {}).map(([file, { bytesInOutput }]) => [file, bytesInOutput]),
  );
}
