import { type FileHandle, glob, mkdir, open, rename, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { errorCode, type FileSystem, type ReadableFile, type WritableFile } from './file-system.ts';

/** The files of this machine. */
export const nodeFileSystem: FileSystem = {
  async stat(path) {
    try {
      const found = await stat(path);
      return { size: found.size, isFolder: found.isDirectory() };
    } catch (error) {
      if (errorCode(error) === 'ENOENT' || errorCode(error) === 'ENOTDIR') return undefined;
      throw error;
    }
  },
  async glob(pattern, folder) {
    const paths: string[] = [];
    for await (const entry of glob(pattern, { cwd: folder, withFileTypes: true })) {
      if (!entry.isDirectory()) paths.push(join(entry.parentPath, entry.name));
    }
    return paths.sort();
  },
  async open(path) {
    const handle = await open(path, 'r');
    const { size } = await handle.stat();
    return readable(handle, size);
  },
  async create(path) {
    await mkdir(dirname(path), { recursive: true });
    return writable(await open(path, 'w'));
  },
  rename,
  remove: (path) => rm(path),
};

function readable(handle: FileHandle, size: number): ReadableFile {
  return {
    size,
    async read(target, at, position) {
      return (await handle.read(target, at, target.length - at, position)).bytesRead;
    },
    close: () => handle.close(),
  };
}

function writable(handle: FileHandle): WritableFile {
  return {
    write: (bytes) => handle.writeFile(bytes),
    sync: () => handle.sync(),
    close: () => handle.close(),
  };
}
