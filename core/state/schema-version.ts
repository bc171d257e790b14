import { JobSpecError } from '../error/error.ts';
import type { TableDescriptor } from './state-table.ts';

/**
 * How values of a state that were written with a schema version are read.
 *
 * @throws JobSpecError where the writer was newer than this job
 */
export function readerOf<V>(
  { name, serializer }: Pick<TableDescriptor<V>, 'name' | 'serializer'>,
  version: number,
): (plain: unknown) => V {
  const own = serializer?.version ?? 1;
  if (version > own) {
    throw new JobSpecError([
      {
        path: `state.${name}`,
        message: `was written with schema version ${version}, and this job knows ${own}; run the newer job, or restore an older savepoint`,
      },
    ]);
  }
  if (serializer) return (plain) => serializer.deserialize(plain, version);
  return (plain) => plain as V;
}
