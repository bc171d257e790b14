import { createHash } from 'node:crypto';
import { promisify } from 'node:util';
import type { Input } from '../server/gate.ts';
import { asServiceError, type Checked, moduleOf, type PackageEngine } from '../server/package-engine.ts';
import { ServiceError } from '../server/service-error.ts';
import type { Item, ItemDb, TableStore, TableStoreModule } from './table-store.ts';

/** The action of dynalite that does each; a check is validated like a delete and then not performed. */
const OPERATIONS = {
  Put: 'PutItem',
  Update: 'UpdateItem',
  Delete: 'DeleteItem',
  ConditionCheck: 'DeleteItem',
} as const;
type Kind = keyof typeof OPERATIONS;
type Action = { readonly kind: Kind; readonly input: Checked; readonly table: string; readonly key: string };
type Reason = { readonly Code: string; readonly Message?: string; readonly Item?: unknown };

const MAX_ACTIONS = 100;
const MAX_BYTES = 4 * 1024 * 1024;
/** How long AWS remembers a client's token. */
const TOKEN_MS = 600_000;

/**
 * Transactions on dynalite's tables: the locks of all items are taken in one order, all conditions are looked at, and
 * then all is written or nothing.
 */
export class Transactions {
  readonly #engine: PackageEngine<TableStore>;
  readonly #now: () => number;
  readonly #tokens = new Map<string, { readonly digest: string; readonly at: number }>();

  constructor(engine: PackageEngine<TableStore>, now: () => number) {
    this.#engine = engine;
    this.#now = now;
  }

  async write(input: Input): Promise<object> {
    const entries = (input.TransactItems ?? []) as readonly Readonly<Record<string, Input>>[];
    const digest = createHash('sha256').update(JSON.stringify(entries)).digest('hex');
    if (this.#isRepeated(input.ClientRequestToken, digest)) return {};
    if (entries.length === 0 || entries.length > MAX_ACTIONS) {
      throw new ServiceError(
        'ValidationException',
        `a transaction has 1 to ${MAX_ACTIONS} items, not ${entries.length}`,
      );
    }
    if (Buffer.byteLength(JSON.stringify(entries)) > 2 * MAX_BYTES) {
      throw new ServiceError('ValidationException', 'Transaction request cannot exceed 4 MB');
    }
    const actions = await Promise.all(entries.map((entry) => this.#actionOf(entry)));
    if (new Set(actions.map(({ table, key }) => `${table} ${key}`)).size < actions.length) {
      throw new ServiceError(
        'ValidationException',
        'Transaction request cannot include multiple operations on one item',
      );
    }
    await this.#locked(actions, async () => {
      const reasons = await Promise.all(actions.map((action) => this.#reasonAgainst(action)));
      if (reasons.some(({ Code }) => Code !== 'None')) throw cancelled(reasons);
      for (const { kind, input } of actions) {
        if (kind !== 'ConditionCheck') await this.#engine.perform(OPERATIONS[kind], input, this.#unlocked('writes'));
      }
    });
    if (input.ClientRequestToken) this.#tokens.set(String(input.ClientRequestToken), { digest, at: this.#now() });
    return {};
  }

  async read(input: Input): Promise<object> {
    const entries = (input.TransactItems ?? []) as readonly { readonly Get: Input }[];
    const gets = entries.map(({ Get }) => this.#engine.checked('GetItem', { ...Get, ConsistentRead: true }));
    const read = await Promise.all(gets.map((get) => this.#engine.perform('GetItem', get)));
    return { Responses: read.map(({ Item }) => (Item === undefined ? {} : { Item })) };
  }

  #isRepeated(token: unknown, digest: string): boolean {
    const known = this.#tokens.get(String(token));
    if (known === undefined || this.#now() - known.at > TOKEN_MS) return false;
    if (known.digest === digest) return true;
    throw new ServiceError('IdempotentParameterMismatchException', 'the token came with other items before');
  }

  async #actionOf(entry: Readonly<Record<string, Input>>): Promise<Action> {
    const [kind, given] = Object.entries(entry)[0] as [Kind, Input];
    const input = this.#engine.checked(OPERATIONS[kind], given);
    const table = String(input.TableName);
    const db = moduleOf<TableStoreModule>('dynalite/db');
    const row = await promisify(this.#engine.store.getTable)(table).catch((error: unknown) => {
      throw asServiceError(error);
    });
    const item = (input.Item ?? input.Key) as Item;
    const invalid = input.Item ? db.validateItem(item, row ?? {}) : db.validateKey(item, row ?? {});
    if (invalid) throw asServiceError(invalid);
    return { kind, input, table, key: db.createKey(item, row ?? {}) };
  }

  /** Takes the locks table by table in the order of their names, so that two transactions cannot wait for each other. */
  #locked(actions: readonly Action[], body: () => Promise<void>): Promise<void> {
    const tables = [...new Set(actions.map(({ table }) => table))].sort();
    const from = (at: number): Promise<void> => {
      const table = tables[at];
      if (table === undefined) return body();
      const keys = actions.filter((action) => action.table === table).map(({ key }) => key);
      return new Promise((resolve, reject) => {
        this.#engine.store.getItemDb(table).lock(keys, (release) => {
          const free = release(() => {});
          from(at + 1)
            .then(resolve, reject)
            .finally(free);
        });
      });
    };
    return from(0);
  }

  async #reasonAgainst({ kind, input, table, key }: Action): Promise<Reason> {
    const existing = await existingItem(this.#engine.store.getItemDb(table), key);
    try {
      const failure = moduleOf<TableStoreModule>('dynalite/db').checkConditional(input, existing);
      if (failure) throw asServiceError(failure);
      if (kind === 'Update')
        await this.#engine.perform('UpdateItem', structuredClone(input), this.#unlocked('nothing'));
      return { Code: 'None' };
    } catch (error) {
      if (!(error instanceof ServiceError)) throw error;
      const Code = error.code === 'ConditionalCheckFailedException' ? 'ConditionalCheckFailed' : 'ValidationError';
      return { Code, Message: error.message, ...(error.details.Item !== undefined && { Item: error.details.Item }) };
    }
  }

  /** The store as an action sees it whose locks are held already; one that writes `nothing` is for a trial. */
  #unlocked(writes: 'writes' | 'nothing'): TableStore {
    const { store } = this.#engine;
    const skip = (...words: unknown[]) => (words.at(-1) as () => void)();
    const unlocked = (db: ItemDb): ItemDb => ({
      ...db,
      lock: (_keys, body) => body((done) => done),
      ...(writes === 'nothing' && { put: skip, del: skip, batch: skip }),
    });
    return {
      ...store,
      getItemDb: (name) => unlocked(store.getItemDb(name)),
      getIndexDb: (kind, table, index) => unlocked(store.getIndexDb(kind, table, index)),
    };
  }
}

function existingItem(items: ItemDb, key: string): Promise<Item | undefined> {
  return new Promise((resolve, reject) => {
    items.get(key, (error, item) => {
      if (error && (error as Error).name !== 'NotFoundError') reject(error);
      else resolve(item);
    });
  });
}

function cancelled(reasons: readonly Reason[]): ServiceError {
  const codes = reasons.map(({ Code }) => Code).join(', ');
  const message = `Transaction cancelled, please refer cancellation reasons for specific reasons [${codes}]`;
  return new ServiceError('TransactionCanceledException', message, 400, { CancellationReasons: reasons });
}
