import type { FileSystem } from '../../core/connector/file/file-system.ts';
import { nodeFileSystem } from '../../core/connector/file/node-file-system.ts';

export type FailingFiles = FileSystem & {
  /** Makes what is done with the files fail as a full disk would; undefined mends it. */
  failing: 'write' | 'rename' | undefined;
};

export function diskFull(): Error {
  return Object.assign(new Error('ENOSPC: no space left on device'), { code: 'ENOSPC' });
}

/** The files of this machine, until they are told to fail. */
export function failingFiles(): FailingFiles {
  const files: FailingFiles = {
    ...nodeFileSystem,
    failing: undefined,
    async create(path) {
      const file = await nodeFileSystem.create(path);
      return {
        ...file,
        write: async (bytes) => {
          if (files.failing === 'write') throw diskFull();
          await file.write(bytes);
        },
      };
    },
    async rename(from, to) {
      if (files.failing === 'rename') throw diskFull();
      await nodeFileSystem.rename(from, to);
    },
  };
  return files;
}
