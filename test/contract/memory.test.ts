import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { FolderStore } from '../../core/local/folder-store.ts';
import { MemoryCommitTable } from '../../core/testing/memory-commit-table.ts';
import { MemoryFrameLog } from '../../core/testing/memory-frame-log.ts';
import { MemoryStore } from '../../core/testing/memory-store.ts';
import { commitTableContract } from './commit-table.ts';
import { frameLogContract } from './frame-log.ts';
import { objectStoreContract } from './object-store.ts';

commitTableContract('memory', async () => new MemoryCommitTable());

frameLogContract('memory', async () => {
  const log = new MemoryFrameLog(2);
  return {
    log,
    read: async (shard) => log.entries(shard),
    split: async (shard) => {
      log.split(shard);
    },
  };
});

objectStoreContract('memory', async () => new MemoryStore());
objectStoreContract('folder', async () => new FolderStore(await mkdtemp(join(tmpdir(), 'millrace-store-'))));
