import type { ColumnType, RecordSchema } from '../../expression/type.ts';

/** What is known of the columns of several streams together: those that all of them have. */
export function columnsOfUnion(all: readonly (RecordSchema | undefined)[]): RecordSchema | undefined {
  const [first, ...others] = all;
  if (first === undefined || others.includes(undefined)) return undefined;
  if (others.length === 0) return first;
  const entries = Object.entries(first).filter(([name]) =>
    others.every((other) => other && Object.hasOwn(other, name)),
  );
  return Object.fromEntries(
    entries.map(([name, type]) => {
      const same = others.every((other) => JSON.stringify(other?.[name]) === JSON.stringify(type));
      return [name, same ? type : 'unknown'];
    }),
  );
}

/** The columns that a window adds, beside those of its key and its results. */
export const BOUND_COLUMNS: RecordSchema = { windowStart: 'timestamp', windowEnd: 'timestamp' };

/** The columns of a key: of fields with their types, of a function's result in the column `key`. */
export function keyColumns(columns: readonly string[], of: RecordSchema | undefined): RecordSchema {
  return Object.fromEntries(columns.map((name): [string, ColumnType] => [name, of?.[name] ?? 'unknown']));
}
