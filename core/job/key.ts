import type { Key } from '../codec/key.ts';
import { JobSpecError } from '../error/error.ts';
import type { KeySelector } from '../operator/key-selector.ts';

/**
 * The fields of a record that can be its key: strings, numbers, bigints, booleans; none that may be missing. Of a record
 * whose fields have no declared types, any.
 */
export type KeyField<T> = {
  [F in keyof T & string]-?: unknown extends T[F]
    ? F
    : object extends Pick<T, F>
      ? never
      : T[F] extends Key
        ? F
        : never;
}[keyof T & string];

type KeyValue<V> = unknown extends V ? Key : Extract<V, Key>;

/** The key that fields make: of one field its value, of several the tuple of their values. */
export type KeyOfFields<T, F extends readonly (keyof T)[]> = F extends readonly [infer One extends keyof T]
  ? KeyValue<T[One]>
  : Extract<{ readonly [Index in keyof F]: T[F[Index]] }, Key>;

/** The columns that fields give a result. */
export type KeyColumns<T, F extends readonly (keyof T)[]> = { readonly [Field in F[number]]: T[Field] };

/** The column of a key that a function finds. */
export const FUNCTION_KEY_COLUMN = 'key';

/**
 * A key made of fields.
 *
 * @throws JobSpecError where there is no field, or one twice.
 *
 * @example
 * fieldKey(['page']).of({ page: '/home' }); // '/home'
 * fieldKey(['page', 'user']).of({ page: '/home', user: 7 }); // ['/home', 7]
 */
export function fieldKey(fields: readonly string[]): KeySelector {
  const [field, ...others] = fields;
  if (field === undefined || new Set(fields).size < fields.length) {
    const message = field === undefined ? 'needs a field or a function' : `names a field twice: ${fields.join(', ')}`;
    throw new JobSpecError([{ path: 'keyBy', message }]);
  }
  const of =
    others.length === 0
      ? (value: unknown) => (value as Readonly<Record<string, Key>>)[field] as Key
      : (value: unknown) => fields.map((name) => (value as Readonly<Record<string, string>>)[name] as string);
  return { of, columns: fields, fields };
}

/** A key that a function finds; results have it in the column `key`. */
export function functionKey<T>(of: (value: T) => Key): KeySelector {
  return { of: of as (value: unknown) => Key, columns: [FUNCTION_KEY_COLUMN] };
}
