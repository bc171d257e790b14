import { mkdir, open, readdir, readFile, rename, rm } from 'node:fs/promises';
import { dirname, join, relative, sep } from 'node:path';
import type { BytePart, ObjectStore } from '../port/object-store.ts';

/** An object store in a folder: a put is written beside its name, forced to the disk and then renamed. */
export class FolderStore implements ObjectStore {
  readonly #folder: string;

  constructor(folder: string) {
    this.#folder = folder;
  }

  async put(name: string, bytes: Uint8Array): Promise<void> {
    const path = this.#path(name);
    await mkdir(dirname(path), { recursive: true });
    const draft = `${path}${DRAFT}`;
    const file = await open(draft, 'w');
    try {
      await file.writeFile(bytes);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(draft, path);
  }

  async get(name: string, part?: BytePart): Promise<Uint8Array | undefined> {
    if (part === undefined) return readFile(this.#path(name)).catch(absent);
    const file = await open(this.#path(name)).catch(absent);
    if (file === undefined) return undefined;
    try {
      const { bytesRead, buffer } = await file.read(new Uint8Array(part.length), 0, part.length, part.start);
      return buffer.subarray(0, bytesRead);
    } finally {
      await file.close();
    }
  }

  async list(prefix: string): Promise<readonly string[]> {
    const entries = (await readdir(this.#folder, { recursive: true, withFileTypes: true }).catch(absent)) ?? [];
    return entries
      .filter((entry) => entry.isFile() && !entry.name.endsWith(DRAFT))
      .map((entry) => relative(this.#folder, join(entry.parentPath, entry.name)).split(sep).join('/'))
      .filter((name) => name.startsWith(prefix))
      .sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
  }

  async delete(name: string): Promise<void> {
    await rm(this.#path(name), { force: true });
  }

  #path(name: string): string {
    return join(this.#folder, ...name.split('/'));
  }
}

const DRAFT = '.draft';

function absent(error: unknown): undefined {
  if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
  throw error;
}
