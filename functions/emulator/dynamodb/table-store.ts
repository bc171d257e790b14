import type { Checked } from '../server/package-engine.ts';

/** What dynalite keeps, as far as it is used here. */
export type Item = Readonly<Record<string, unknown>>;
export type TableRow = Readonly<Record<string, unknown>>;
type Done<T> = (error: unknown, value?: T) => void;

export type ItemDb = {
  lock(keys: string | readonly string[], body: (release: (done: () => void) => () => void) => void): void;
  get(key: string, done: Done<Item>): void;
  put(key: string, item: Item, done: Done<void>): void;
  del(key: string, done: Done<void>): void;
  batch(operations: readonly object[], done: Done<void>): void;
};

export type TableStore = {
  readonly db: { close(done: (error?: unknown) => void): void };
  readonly tableDb: { awsAccountId: string; awsRegion: string };
  getTable(name: string, done: Done<TableRow>): void;
  getItemDb(name: string): ItemDb;
  getIndexDb(kind: string, table: string, index: string): ItemDb;
};

/** An error that holds the body of the answer. */
export type Failure = Error & { readonly statusCode?: number; readonly body?: Record<string, unknown> };

export type TableStoreModule = {
  checkConditional(input: Checked, existing: Item | undefined): Failure | null | undefined;
  validateItem(item: Item, table: TableRow): Failure | undefined;
  validateKey(key: Item, table: TableRow): Failure | undefined;
  createKey(item: Item, table: TableRow): string;
};
