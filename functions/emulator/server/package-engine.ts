import { createRequire } from 'node:module';
import type { Input } from './gate.ts';
import { ServiceError } from './service-error.ts';

/**
 * kinesalite and dynalite without their HTTP servers. Both are made alike: a store, and for each operation a module with
 * its action and one with the types and limits of its input. They are called in process, so that what they lack can be
 * added around an action, under the same locks.
 */
export type PackageEngine<Store> = {
  readonly store: Store;
  /** Checks the input as AWS does, then performs the operation. @throws ServiceError */
  call(operation: string, input: Input): Promise<Record<string, unknown>>;
  /** The input with its types and limits checked; expressions are parsed on the way. @throws ServiceError */
  checked(operation: string, input: Input): Checked;
  /** Performs an operation on an input that was checked, on this store or one made from it. @throws ServiceError */
  perform(operation: string, input: Checked, store?: Store): Promise<Record<string, unknown>>;
  has(operation: string): boolean;
  close(): Promise<void>;
};

/** An input that `checked` gave. */
export type Checked = Record<string, unknown>;

type Action = (
  store: unknown,
  input: Checked,
  done: (error: unknown, result?: Record<string, unknown>) => void,
) => void;
export type Validation = { readonly types: Record<string, unknown>; readonly custom?: unknown };
type Validations = {
  checkTypes(input: object, types: object): Checked;
  checkValidations(input: Checked, types: object, custom: unknown, store: unknown): void;
};
type BaseStore = { readonly db: { close(done: (error?: unknown) => void): void } };

const require = createRequire(import.meta.url);

/** A module of a package, such as `kinesalite/db`. */
export function moduleOf<T>(path: string): T {
  return require(path) as T;
}

export function openPackageEngine<Store extends BaseStore>(
  name: 'kinesalite' | 'dynalite',
  options: Readonly<Record<string, unknown>>,
): PackageEngine<Store> {
  const store = moduleOf<{ create(options: object): Store }>(`${name}/db`).create({ ...options });
  const validations = moduleOf<Validations>(`${name}/validations/index`);
  const fileOf = (operation: string) => operation.charAt(0).toLowerCase() + operation.slice(1);
  const checked = (operation: string, input: Input) => {
    const { types, custom } = moduleOf<Validation>(`${name}/validations/${fileOf(operation)}`);
    try {
      // The check drops members that it does not know from what it is given.
      const data = validations.checkTypes(structuredClone(input), types);
      validations.checkValidations(data, types, custom, name === 'kinesalite' ? operation : store);
      return data;
    } catch (error) {
      throw asServiceError(error);
    }
  };
  const perform = (operation: string, input: Checked, on: Store = store) => {
    const action = moduleOf<Action>(`${name}/actions/${fileOf(operation)}`);
    return new Promise<Record<string, unknown>>((resolve, reject) => {
      action(on, input, (error, result) => (error ? reject(asServiceError(error)) : resolve(result ?? {})));
    });
  };
  return {
    store,
    checked,
    perform,
    call: (operation, input) => perform(operation, checked(operation, input)),
    has: (operation) => {
      try {
        require.resolve(`${name}/actions/${fileOf(operation)}`);
        return /^[A-Z]\w*$/.test(operation);
      } catch {
        return false;
      }
    },
    close: () =>
      new Promise((resolve, reject) => {
        store.db.close((error) => (error ? reject(error) : resolve()));
      }),
  };
}

type PackageError = {
  readonly statusCode?: number;
  readonly body?: { readonly __type?: string; readonly message?: string; readonly Message?: string };
};

/** Both packages throw errors that hold the body of the answer. */
export function asServiceError(error: unknown): unknown {
  const { statusCode = 400, body } = error as PackageError;
  if (body?.__type === undefined) return error;
  const { __type, message, Message, ...details } = body;
  return new ServiceError(__type.split('#').at(-1) ?? __type, message ?? Message ?? '', statusCode, details);
}
