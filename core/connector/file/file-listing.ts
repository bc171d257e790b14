import { isAbsolute, join, relative, resolve, sep } from 'node:path';
import { JobSpecError } from '../../error/error.ts';
import type { FileSystem } from './file-system.ts';

/** A file to read: its name for people and checkpoints is relative to the job's folder, with `/` on every system. */
export type ListedFile = { readonly path: string; readonly name: string; readonly size: number };

/**
 * The files of paths, folders and globs, each once, by path and then by name.
 *
 * @throws JobSpecError for a path that finds nothing, unless `mayBeEmpty`.
 */
export async function listFiles(
  files: FileSystem,
  paths: readonly string[],
  baseFolder: string,
  mayBeEmpty: boolean,
): Promise<readonly ListedFile[]> {
  const found = new Map<string, ListedFile>();
  for (const path of paths) {
    const matches = await matchesOf(files, path, baseFolder);
    if (matches.length === 0 && !mayBeEmpty) {
      const message = `no file is found at ${path} in ${baseFolder}; put it there, or mend the path`;
      throw new JobSpecError([{ path: 'file.path', message }]);
    }
    for (const match of matches) {
      const size = (await files.stat(match))?.size;
      if (size !== undefined) found.set(match, { path: match, name: nameOf(match, baseFolder), size });
    }
  }
  return [...found.values()];
}

async function matchesOf(files: FileSystem, path: string, baseFolder: string): Promise<readonly string[]> {
  const whole = resolve(baseFolder, path);
  const exact = await files.stat(whole);
  if (exact !== undefined && !exact.isFolder) return [whole];
  const matches = exact === undefined ? await files.glob(path, baseFolder) : await files.glob('**/*', whole);
  const folder = exact === undefined ? baseFolder : whole;
  return matches.filter((match) => !isHidden(relative(folder, match), exact === undefined ? path : ''));
}

/** Hidden by its name, unless the pattern names something hidden in the same way. */
function isHidden(path: string, pattern: string): boolean {
  const asked = new Set(
    pattern
      .split(/[\\/]/)
      .filter(isHiddenName)
      .map((part) => part[0]),
  );
  return path.split(sep).some((part) => isHiddenName(part) && !asked.has(part[0]));
}

function isHiddenName(part: string): boolean {
  return part !== '.' && part !== '..' && (part.startsWith('.') || part.startsWith('_'));
}

function nameOf(path: string, baseFolder: string): string {
  return relative(baseFolder, path).split(sep).join('/');
}

/** The path of a listed file's name. */
export function pathOf(name: string, baseFolder: string): string {
  return isAbsolute(name) ? name : join(baseFolder, name);
}
