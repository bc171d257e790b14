import { setTimeout as sleep } from 'node:timers/promises';
import { type Gate, type Input, type Observe, openGate } from '../server/gate.ts';
import { type JsonServer, type Operation, serveJson } from '../server/json-server.ts';
import { moduleOf, openPackageEngine, type PackageEngine, type Validation } from '../server/package-engine.ts';
import type { TableStore, TableStoreModule } from './table-store.ts';
import { Transactions } from './transaction.ts';

export type DynamoDbOptions = {
  /** A folder that keeps the tables; in memory unless given. */
  readonly folder?: string;
  readonly region?: string;
  readonly account?: string;
  readonly gate?: Gate;
  readonly onDone?: Observe;
  readonly now?: () => number;
};

/** How soon a table that is being made is looked at again. */
const LOOK_AGAIN_MS = 2;

/** DynamoDB: dynalite with transactions, the item at which a condition failed, and entries left unprocessed. */
export async function startDynamoDb(options: DynamoDbOptions = {}): Promise<JsonServer> {
  const engine = openPackageEngine<TableStore>('dynalite', {
    createTableMs: 0,
    deleteTableMs: 0,
    updateTableMs: 0,
    ...(options.folder !== undefined && { path: options.folder }),
  });
  engine.store.tableDb.awsRegion = options.region ?? 'us-east-1';
  engine.store.tableDb.awsAccountId = options.account ?? '000000000000';
  tellFailedItems();
  const transactions = new Transactions(engine, options.now ?? Date.now);
  const own: Readonly<Record<string, Operation>> = {
    CreateTable: (input) => createTable(engine, input),
    TransactWriteItems: (input) => transactions.write(input),
    TransactGetItems: (input) => transactions.read(input),
    BatchWriteItem: (input, partly) => batchWrite(engine, input, partly),
  };
  const server = await serveJson({
    name: 'dynamodb',
    gate: options.gate ?? openGate,
    ...(options.onDone && { onDone: options.onDone }),
    operation: (name) => own[name] ?? (engine.has(name) ? (input) => engine.call(name, byName(input)) : undefined),
  });
  return {
    ...server,
    async close() {
      await server.close();
      await engine.close();
    },
  };
}

/** Sooner than AWS: the table can be used when its making is answered. */
async function createTable(engine: PackageEngine<TableStore>, input: Input): Promise<object> {
  const made = await engine.call('CreateTable', input);
  const table = async () => (await engine.call('DescribeTable', { TableName: input.TableName })).Table;
  while (((await table()) as { readonly TableStatus: string }).TableStatus !== 'ACTIVE') await sleep(LOOK_AGAIN_MS);
  return made;
}

/** A table is named, or addressed by its ARN. */
function byName(input: Input): Input {
  const name = String(input.TableName ?? '').split(':table/')[1];
  return name === undefined ? input : { ...input, TableName: name };
}

/** Where some entries are refused, those of odd places come back, as from a partition that is throttled. */
async function batchWrite(engine: PackageEngine<TableStore>, input: Input, partly: boolean): Promise<object> {
  if (!partly) return engine.call('BatchWriteItem', input);
  const requests = Object.entries(input.RequestItems as Readonly<Record<string, readonly object[]>>);
  const pick = (odd: number) =>
    Object.fromEntries(
      requests
        .map(([table, entries]) => [table, entries.filter((_, index) => index % 2 === odd)] as const)
        .filter(([, entries]) => entries.length > 0),
    );
  const done = await engine.call('BatchWriteItem', { ...input, RequestItems: pick(0) });
  return { ...done, UnprocessedItems: pick(1) };
}

const TOLD = Symbol.for('millrace.dynalite.ReturnValuesOnConditionCheckFailure');

/**
 * dynalite knows no ReturnValuesOnConditionCheckFailure. The item must be the one that the condition saw, under its lock,
 * so dynalite's own check is wrapped, once for the process.
 */
function tellFailedItems(): void {
  const db = moduleOf<TableStoreModule & { [TOLD]?: true }>('dynalite/db');
  if (db[TOLD]) return;
  db[TOLD] = true;
  for (const operation of ['putItem', 'updateItem', 'deleteItem']) {
    const { types } = moduleOf<Validation>(`dynalite/validations/${operation}`);
    types.ReturnValuesOnConditionCheckFailure = { type: 'String', enum: ['ALL_OLD', 'NONE'] };
  }
  const check = db.checkConditional;
  db.checkConditional = (input, existing) => {
    const failure = check(input, existing);
    if (failure?.body && existing && input.ReturnValuesOnConditionCheckFailure === 'ALL_OLD')
      failure.body.Item = existing;
    return failure;
  };
}
