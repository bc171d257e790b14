import { readdir } from 'node:fs/promises';
import { relative } from 'node:path';
import type { Sink, SinkContext } from '../../core/connector/sink.ts';
import { ManualClock } from '../../core/testing/manual-clock.ts';

export function sinkContext(baseFolder: string, rest: Partial<SinkContext> = {}): SinkContext {
  return {
    clock: new ManualClock(),
    baseFolder,
    uid: 'results',
    subtask: { index: 0, parallelism: 1 },
    incarnation: 0,
    ...rest,
  };
}

/** Names of all files below a folder, hidden ones too. */
export async function filesIn(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const paths = entries.filter((entry) => entry.isFile()).map((entry) => `${entry.parentPath}/${entry.name}`);
  return paths.map((path) => relative(folder, path)).sort();
}

/** Writes everything, as a bounded job does: flush, prepare, commit, close. */
export async function writeAll(sink: Sink, values: readonly unknown[], context: SinkContext): Promise<void> {
  const writer = await sink.open(context);
  for (const value of values) writer.write(value, 0);
  await writer.flush();
  const committables = (await writer.prepareCommit?.()) ?? [];
  await sink.commit?.(committables, context);
  await writer.close();
}
