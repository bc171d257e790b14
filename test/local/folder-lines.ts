import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';

/** The lines of all parts that a file sink has committed, sorted. */
export async function folderLines(path: string): Promise<readonly string[]> {
  const names = (await readdir(path)).filter((name) => !name.startsWith('.'));
  const texts = await Promise.all(names.map((name) => readFile(join(path, name), 'utf8')));
  return texts.flatMap((text) => (text === '' ? [] : text.trimEnd().split('\n'))).sort();
}
